using Ark.Aws.Profiles;
using Xunit;

namespace Ark.Tests.Aws.Suites;

/// <summary>
/// What the suites of AWS's SDKs have profile files mean, in words of our own: smithy-rs (s), aws-sdk-kotlin (k), aws-c-sdkutils (c) and
/// botocore (b). A letter stands for one case of that suite; tests/RESULTS.md has the sums.
/// </summary>
public sealed class ProfileFileSuiteTests
{
    [Theory]
    [InlineData("skc", "", "", "")]
    [InlineData("skc", "[profile p]", "", "p{}")]
    [InlineData("sk", "[profile aZ09-_]", "", "aZ09-_{}")]
    [InlineData("c", "[profile aZ09-_/.%@:+]", "", "aZ09-_/.%@:+{}")]
    [InlineData("skc", "[profile  \tp\t ]", "", "p{}")]
    [InlineData("skc", "[profile\tp]", "", "p{}")]
    [InlineData("skc", "[profile p]\nk = 1", "", "p{k=1}")]
    [InlineData("sk", "[profile p]\r\nk = 1\r\n", "", "p{k=1}")]
    [InlineData("skc", "[profile p]\nk = a=b", "", "p{k=a=b}")]
    [InlineData("skc", "[profile p]\nk = ü😀", "", "p{k=ü😀}")]
    [InlineData("sskc", "[profile p]\nk = 1\nl = 2", "", "p{k=1,l=2}")]
    [InlineData("skc", "[profile p]\nk\t = \t 1 \t", "", "p{k=1}")]
    [InlineData("skc", "[profile p]\nk =", "", "p{k=}")]
    [InlineData("skc", "[profile p]\n[profile q]", "", "p{} q{}")]
    [InlineData("skc", "[profile p]\nk = 1\n[profile q]\nl = 2", "", "p{k=1} q{l=2}")]
    [InlineData("skc", " \t\n[profile p]\n\t\n \nk = 1\n\n[profile q]\n\t ", "", "p{k=1} q{}")]
    [InlineData("skc", "# a\n[profile p] # b\nk = 1 # c # d", "", "p{k=1}")]
    [InlineData("skc", "; a\n[profile p] ; b\nk = 1 ; c ; d", "", "p{k=1}")]
    [InlineData("skc", "# a\n[profile p] ; b\nk = 1 # c ; d", "", "p{k=1}")]
    [InlineData("skc", "#\n[profile p]#\nk = 1 #\n", "", "p{k=1}")]
    [InlineData("sskkc", "[profile p];a\n[profile q]#b", "", "p{} q{}")]
    [InlineData("skc", "[profile p]\nk = 1;a\nl = 2#b", "", "p{k=1;a,l=2#b}")]
    [InlineData("skc", "[profile p]\nk = 1\n --two", "", "p{k=1|--two}")]
    [InlineData("skc", "[profile p]\nk = 1\n --two\n --three", "", "p{k=1|--two|--three}")]
    [InlineData("skc", "[profile p]\nk = 1\n\t  --two \t", "", "p{k=1|--two}")]
    [InlineData("skc", "[profile p]\nk = 1\n --two # a", "", "p{k=1|--two # a}")]
    [InlineData("skc", "[profile p]\nk = 1\n --two ; a", "", "p{k=1|--two ; a}")]
    [InlineData("skc", "[profile p]\nk = 1\n[profile p]\nl = 2", "", "p{k=1,l=2}")]
    [InlineData("skc", "[profile p]\nk = 1\nk = 2", "", "p{k=2}")]
    [InlineData("skc", "[profile p]\nk = 1\n[profile p]\nk = 2", "", "p{k=2}")]
    [InlineData("s", "[profile p]\nK = 1\n[profile p]\nk = 2", "", "p{k=2}")]
    [InlineData("skc", "[profile default]\nk = 1\n[default]\nl = 2", "", "default{k=1}")]
    [InlineData("skc", "[default]\nl = 2\n[profile default]\nk = 1", "", "default{k=1}")]
    [InlineData("skc", "[profile default]\nk = 1\n[default]\nl = 2\n[profile default]\nm = 3", "", "default{m=3,k=1}")]
    [InlineData("sk", "[profile default]\nk = 1\n[default]\nl = 2\n[profile default]\nm = 3", "[default]\nn = 4", "default{k=1,m=3,n=4}")]
    [InlineData("sk", "[profile p]\nAbYz09-_ = 1", "", "p{abyz09-_=1}")]
    [InlineData("c", "[profile p]\nAbYz09-_/.%@:+ = 1", "", "p{abyz09-_/.%@:+=1}")]
    [InlineData("skc", "[profile p]\ns3 =\n k = 1", "", "p{s3=[k=1]}")]
    [InlineData("skc", "[profile p]\ns3 =\n k =", "", "p{s3=[k=]}")]
    [InlineData("sc", "[profile p]\ns3 =\n k l = 1", "", "p{s3=[k l=1]}")]
    [InlineData("skc", "[profile p]\ns3 =\n k = 1\n\t \n l = 2", "", "p{s3=[k=1,l=2]}")]
    [InlineData("skc", "[profile p]\nk = 1", "[p]\nl = 2", "p{k=1,l=2}")]
    [InlineData("skc", "[profile p]\nk = 1", "[p]\nk = 2", "p{k=2}")]
    [InlineData("skc", "[p]\nk = 1", "", "")]
    [InlineData("skc", "", "[profile p]\nk = 1", "")]
    [InlineData("sk", "[profilep]\nk = 1\n[profile q]", "", "q{}")]
    [InlineData("sk", "[  profile p  ]\nk = 1\n[profile q]", "", "p{k=1} q{}")]
    [InlineData("sk", "", "[  p  ]\nk = 1\n[profile q]", "p{k=1}")]
    [InlineData("s", "[sso-session one]\nk = 1\n[profile p]", "", "p{} sso-session one{k=1}")]
    [InlineData("k", "[sso-session one]\nk = 1", "", "sso-session one{k=1}")]
    [InlineData("k", "[  sso-session one  ]\nk = 1\n[profile p]", "", "p{} sso-session one{k=1}")]
    [InlineData("k", "[sso-session one]\nk = 1\n[profile one]\nl = 2", "", "one{l=2} sso-session one{k=1}")]
    [InlineData("k", "[default]\nk = 1\n[sso-session default]\nk = 2", "", "default{k=1} sso-session default{k=2}")]
    [InlineData("kc", "[sso-session]\nk = 1\n[sso-session one]\nl = 2", "", "sso-session one{l=2}")]
    [InlineData("s", "", "[sso-sessionone]\nk = 1\n[q]", "q{} sso-sessionone{k=1}")]
    [InlineData("s", "[sso-sesion one]\nk = 1\n[profile p]", "", "p{}")]
    [InlineData("k", "[default]\nservices = one\n[services one]\nsts =\n\tendpoint_url = u", "", "default{services=one} services one{sts=[endpoint_url=u]}")]
    [InlineData("c", "[profile p]\nk = 1\n[services one]\ns3 =\n l = 2\n[sso-session one]\nm = 3", "", "p{k=1} sso-session one{m=3} services one{s3=[l=2]}")]
    [InlineData("c", "[services one]\nk = 1\n[servicesone]\nl = 2", "", "services one{k=1}")]
    [InlineData("c", "", "[sso-session one]\nk = 1\n[services one]\nk = 1", "")]
    [InlineData("k", "[default]\nk = 1\n[toolkit one]\nl =\n m = 2", "", "default{k=1}")]
    [InlineData("bb", "[default]\nk = 1\n[profile \"one\"]\nl = 2", "", "default{k=1} one{l=2}")]
    [InlineData("b", "[default]\nk = 1\ns3 =\n  l = 2\n  m = 3\ncloudwatch =\n  l = 4\nregion = r", "", "default{cloudwatch=[l=4],k=1,region=r,s3=[l=2,m=3]}")]
    [InlineData("b", "[default]\nsso_session = one\n[sso-session one]\nsso_region = r\nsso_start_url = u", "", "default{sso_session=one} sso-session one{sso_region=r,sso_start_url=u}")]
    public void What_is_written_well_means_what_it_means_to_the_SDKs(string suites, string config, string credentials, string meaning)
    {
        Assert.NotEmpty(suites);
        Assert.Equal(Sorted(meaning), Sorted(Read(config, credentials)));
    }

    [Theory]
    [InlineData("sk", "[profile p", 1)]
    [InlineData("sk", "[profile p]\n= 1", 2)]
    [InlineData("sk", "[profile p]\n -continued", 2)]
    [InlineData("ssk", "[profile p]\nk = 1\n[profile p]\n -continued", 4)]
    [InlineData("skb", "[profile p]\ns3 =\n nothing", 3)]
    [InlineData("sk", "[profile p]\ns3 =\n = 1", 3)]
    [InlineData("b", "[profile p]\nnothing", 2)]
    public void What_is_broken_stops_who_uses_it(string suites, string config, int line)
    {
        Assert.NotEmpty(suites);
        Assert.Contains($", line {line}: ", Of(config, "").Profile("p")?.Fault?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sk", "k = 1\n[profile p]", "", "p{}", "the AWS helper reads on: it is a warning, since no profile lacks anything")]
    [InlineData("sk", " -continued\n[profile p]", "", "p{}", "likewise")]
    [InlineData("sk", "[profile p]\nk : 1", "", "p{k=1}", "botocore and Go take a colon")]
    [InlineData("s", "[profile a.b]\n[profile a!b]", "", "a!b{} a.b{}", "botocore and Go take any name")]
    [InlineData("skcb", "[profile in valid]\nk = 1", "[in valid 2]\nl = 2", "in valid{k=1} in valid 2{l=2}", "Go takes names with blanks")]
    [InlineData("sk", "[profile p]\nk = 1\n[profile in valid]\nl = 2\n[profile q]\nk = 3", "", "in valid{l=2} p{k=1} q{k=3}", "likewise; p has none of it")]
    [InlineData("skc", "[profile p]\nk l = 1", "", "p{k l=1}", "it is kept, and read by nothing")]
    [InlineData("k", "[profile p]\ns3 =\n k l = 1\n k = 2", "", "p{s3=[k=2,k l=1]}", "likewise")]
    [InlineData("k", "", "[sso-session one]\nk = 1", "", "it is ignored, as aws-c-sdkutils does, since no profile lacks it")]
    [InlineData("k", "[default]\nk = 1\n l = 2\n three", "", "default{k=1,l=2|three}", "Go has two settings there; a role must not be a continuation")]
    public void What_AWSs_tools_do_not_agree_about_is_decided(string suites, string config, string credentials, string meaning, string reason)
    {
        Assert.NotEmpty(suites);
        Assert.NotEmpty(reason);
        Assert.Equal(Sorted(meaning), Sorted(Read(config, credentials)));
    }

    private static ProfileSet Of(string config, string credentials) => new(
        ProfileFiles.In("/home/me"), IniFile.Parse(config, "CONFIG").Sections, IniFile.Parse(credentials, "CREDENTIALS").Sections);

    private static string Read(string config, string credentials)
    {
        ProfileSet set = Of(config, credentials);
        return string.Join(' ', set.Names.Select(name => Shown(set.Profile(name), name))
            .Concat(from name in (string[])["one", "default"] select Shown(set.SsoSession(name), $"sso-session {name}"))
            .Append(Shown(set.Services("one"), "services one"))
            .Where(text => text.Length > 0));
    }

    private static string Shown(IniSection? section, string name) => section is null ? "" : $"{name}{{{string.Join(',',
        section.Values.Select(pair => section.Nested.TryGetValue(pair.Key, out SortedDictionary<string, string>? group)
            ? $"{pair.Key}=[{string.Join(',', group.Select(inner => $"{inner.Key}={inner.Value}"))}]"
            : $"{pair.Key}={pair.Value.Replace('\n', '|')}"))}}}";

    // The order of sections, and that of settings in them, says nothing.
    private static IEnumerable<string> Sorted(string meaning) =>
        meaning.Split("} ").Select(section => section.TrimEnd('}')).Select(section =>
        {
            int brace = section.IndexOf('{');
            return brace < 0 ? section : section[..brace] + "{" + string.Join(',', section[(brace + 1)..].Split(',').Order(StringComparer.Ordinal));
        }).Order(StringComparer.Ordinal);
}
