using Ark.Core.Sources;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class FingerprintTests
{
    private const string Config =
        """
        [profile top]
        role_arn = arn:aws:iam::123456789012:role/top
        source_profile = base
        services = local

        [profile base]
        sso_session = corp
        sso_account_id = 123456789012
        sso_role_name = Reader

        [profile unrelated]
        region = eu-west-1

        [sso-session corp]
        sso_region = eu-west-1
        sso_start_url = https://corp.example.com/start

        [services local]
        sts =
          endpoint_url = http://127.0.0.1:1
        """;

    [Theory]
    [InlineData("role/top", "role/other")]
    [InlineData("sso_role_name = Reader", "sso_role_name = Writer")]
    [InlineData("https://corp.example.com/start", "https://corp.example.com/other")]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:2")]
    public async Task An_edit_of_the_profile_or_of_what_it_refers_to_changes_the_key(string before, string after)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables.Remove("AWS_ENDPOINT_URL");
        TokenKey key = KeyWith(caller, Config);

        Assert.NotEqual(key, KeyWith(caller, Config.Replace(before, after, StringComparison.Ordinal)));
        Assert.Equal(key, KeyWith(caller, Config));
    }

    [Theory]
    [InlineData("[profile unrelated]\nregion = eu-west-1", "[profile unrelated]\nregion = us-east-1")]
    [InlineData("[profile unrelated]", "# a comment\n[profile unrelated]")]
    [InlineData("sso_role_name = Reader", "sso_role_name=Reader  # as agreed")]
    [InlineData("sso_account_id = 123456789012\nsso_role_name = Reader", "sso_role_name = Reader\nsso_account_id = 123456789012")]
    public async Task An_edit_that_says_nothing_new_about_the_profile_does_not(string before, string after)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        string edited = Config.Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(Config, edited);

        Assert.Equal(KeyWith(caller, Config), KeyWith(caller, edited));
    }

    [Fact]
    public async Task A_new_login_does_not_change_the_key()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        TokenKey key = KeyWith(caller, Config);
        caller.Home.Write(".aws/sso/cache/0000.json", "{}");

        Assert.Equal(key, KeyWith(caller, Config));
    }

    [Fact]
    public async Task Other_keys_change_it_and_are_not_in_it()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        TokenKey key = caller.Found().Key;

        Assert.Equal(key, caller.Found().Key);
        Assert.NotEqual(key, caller.WithKeys(secret: "SENTINEL-other").Found().Key);
        Assert.NotEqual(key, caller.WithKeys(session: "SENTINEL-session").Found().Key);
        Assert.DoesNotContain("SENTINEL", key.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("IOSFODNN", key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_profile_in_another_home_is_somebody_else()
    {
        await using SomeCaller one = await SomeCaller.StartAsync();
        await using SomeCaller other = await SomeCaller.StartAsync();

        Assert.NotEqual(KeyWith(one, Config).Principal, KeyWith(other, Config).Principal);
    }

    [Fact]
    public async Task A_link_to_the_file_is_followed_to_what_changes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        await using SomeCaller caller = await SomeCaller.StartAsync();
        string target = caller.Home.Write("dotfiles/config", Config);
        File.SetLastWriteTimeUtc(target, DateTime.UtcNow.AddHours(-1));
        Directory.CreateDirectory(Path.Combine(caller.Home.Home, ".aws"));
        File.CreateSymbolicLink(Path.Combine(caller.Home.Home, ".aws", "config"), target);
        caller.Variables["AWS_PROFILE"] = "top";
        TokenKey key = caller.Found().Key;

        await File.WriteAllTextAsync(target, Config.Replace("role/top", "role/new", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.NotEqual(key, caller.Found().Key);
    }

    [Fact]
    public async Task A_FIPS_host_never_shares_a_token_with_an_ordinary_one()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables.Remove("AWS_ENDPOINT_URL");
        EcrSource ordinary = SomeCaller.Source();

        Assert.NotEqual(caller.Found(ordinary).Key, caller.Found(ordinary with { Fips = true }).Key);
        Assert.Equal(caller.Found(ordinary).Key, caller.Found(ordinary with { }).Key);
    }

    [Theory]
    [InlineData("keys", "AWS_CA_BUNDLE", "/roots.pem")]
    [InlineData("keys", "AWS_ENDPOINT_URL_STS", "https://sts.example.com")]
    [InlineData("keys", "AWS_ENDPOINT_URL_SSO", "https://sso.example.com")]
    [InlineData("keys", "AWS_ENDPOINT_URL_SSO_OIDC", "https://oidc.example.com")]
    [InlineData("web", "AWS_CA_BUNDLE", "/roots.pem")]
    [InlineData("web", "AWS_ENDPOINT_URL_STS", "https://sts.example.com")]
    [InlineData("web", "AWS_REGION", "eu-central-1")]
    [InlineData("profile", "AWS_CA_BUNDLE", "/roots.pem")]
    [InlineData("profile", "AWS_ENDPOINT_URL_STS", "https://sts.example.com")]
    [InlineData("profile", "AWS_ENDPOINT_URL_SSO", "https://sso.example.com")]
    [InlineData("profile", "AWS_ENDPOINT_URL_SSO_OIDC", "https://oidc.example.com")]
    [InlineData("profile", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]
    public async Task Nobody_shares_a_fetch_with_a_caller_who_goes_another_way(string kind, string variable, string value)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables.Remove("AWS_ENDPOINT_URL");
        caller.Home.WriteAwsConfig(Config);
        _ = kind switch
        {
            "keys" => caller.WithKeys().Variables,
            "profile" => With(caller, ("AWS_PROFILE", "top")),
            _ => With(caller, ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/web"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")),
        };
        TokenKey plain = caller.Found().Key;

        caller.Variables[variable] = value;

        Assert.NotEqual(plain.Principal, caller.Found().Key.Principal);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("AWS_CA_BUNDLE", false)]
    [InlineData("AWS_ENDPOINT_URL_STS", false)]
    public async Task A_caller_shares_the_token_of_a_configured_host_only_when_all_is_alike(string variable, bool shared)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables.Remove("AWS_ENDPOINT_URL");
        caller.Home.WriteAwsConfig(Config);
        TokenKey configured = caller.Found(SomeCaller.Source(profile: "top")).Key;
        caller.Variables["AWS_PROFILE"] = "top";
        if (variable.Length > 0)
        {
            caller.Variables[variable] = variable == "AWS_CA_BUNDLE" ? "/roots.pem" : "https://sts.example.com";
        }

        Assert.Equal(shared, caller.Found().Key == configured);
        Assert.Equal(configured, caller.Found(SomeCaller.Source(profile: "top")).Key);
    }

    private static Dictionary<string, string> With(SomeCaller caller, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        foreach ((string name, string value) in variables)
        {
            caller.Variables[name] = value;
        }

        return caller.Variables;
    }

    private static TokenKey KeyWith(SomeCaller caller, string config)
    {
        caller.Home.WriteAwsConfig(config);
        caller.Variables["AWS_PROFILE"] = "top";
        return caller.Found().Key;
    }
}
