using Ark.Wire.Registries;
using Xunit;

namespace Ark.Tests.Registries;

public sealed class RegistryReferenceTests
{
    [Theory]
    [InlineData("Registry.ACME.example", "registry.acme.example")]
    [InlineData("host.example:443", "host.example")]
    [InlineData("hTTps://host.example:5000/", "host.example:5000")]
    [InlineData("localhost:5000", "localhost:5000")]
    [InlineData("127.0.0.1:65535", "127.0.0.1:65535")]
    [InlineData("docker.io", "https://index.docker.io/v1/")]
    [InlineData("index.docker.io:443", "https://index.docker.io/v1/")]
    [InlineData("https://INDEX.docker.io/v1/", "https://index.docker.io/v1/")]
    [InlineData("registry-1.docker.io", "https://index.docker.io/v1/")]
    [InlineData("docker.io:5000", "docker.io:5000")]
    [InlineData("hub.docker.io", "hub.docker.io")]
    public void A_registry_has_one_canonical_host(string input, string host)
    {
        RegistryReference reference = Parsed(input);

        Assert.Equal(host, reference.Host);
        Assert.Equal("", reference.Path);
        Assert.Equal(host, reference.ToString());
    }

    [Theory]
    [InlineData("h.example/team/app", "team/app")]
    [InlineData("h.example/team/app/", "team/app")]
    [InlineData("h.example/v2/team/app", "team/app")]
    [InlineData("h.example/v2/v1/app", "app")]
    [InlineData("h.example/v2", "")]
    [InlineData("h.example/v2x/app", "v2x/app")]
    [InlineData("h.example/Team/App_1.0-x:Tag-1.0", "Team/App_1.0-x")]
    [InlineData("h.example/app@sha256:0123456789abcdef0123456789abcdef", "app")]
    [InlineData("h.example/app:1@sha256:0123456789ABCDEF0123456789abcdef", "app")]
    [InlineData("docker.io/library/ubuntu", "library/ubuntu")]
    public void A_path_is_the_repository_alone(string input, string path) => Assert.Equal(path, Parsed(input).Path);

    [Theory]
    [InlineData("h.example//", "what follows the host")]
    [InlineData("h.example/a//b", "what follows the host")]
    [InlineData("h.example/../a", "what follows the host")]
    [InlineData("h.example/a/.", "what follows the host")]
    [InlineData("h.example/a:", "what follows the host")]
    [InlineData("h.example/a:b:c", "what follows the host")]
    [InlineData("h.example/a:b/c", "what follows the host")]
    [InlineData("h.example/a@sha256", "what follows the host")]
    [InlineData("h.example/a@sha256:xyz", "what follows the host")]
    [InlineData("h.example/a+b", "what follows the host")]
    [InlineData("http://h.example", "only scheme")]
    [InlineData("https://https://h.example", "only scheme")]
    [InlineData("https:h.example", "port")]
    [InlineData("h.example:0", "port")]
    [InlineData("h.example:0443", "port")]
    [InlineData("h.example:65536", "port")]
    [InlineData("h.example:123456", "port")]
    [InlineData("https://", "no host")]
    [InlineData("a@h.example", "no user name")]
    [InlineData("a..b", "a dot too many")]
    [InlineData("a.b.", "a dot too many")]
    [InlineData("a_b.example", "'_' has no place in a host name")]
    [InlineData("a-.example", "hyphen")]
    [InlineData("a.-b", "hyphen")]
    [InlineData("h.example\tx", "\\x09 has no place")]
    [InlineData("h.example\u212a", "\\xe2 has no place")]
    [InlineData("h.example\0", "\\x00 has no place")]
    [InlineData("[::1]:5000", "'[' has no place")]
    [InlineData("*.example", "'*' has no place")]
    public void What_is_refused_says_which_rule_it_breaks(string input, string reason) =>
        Assert.Contains(reason, Assert.IsType<RegistryParse.NotARegistry>(RegistryReference.Parse(input)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_label_has_63_characters_at_most(int length, bool sound) =>
        Assert.Equal(sound, IsSound($"{new string('a', length)}.example"));

    [Theory]
    [InlineData(253, true)]
    [InlineData(254, false)]
    public void A_host_has_253_characters_at_most(int length, bool sound) =>
        Assert.Equal(sound, IsSound(string.Join('.', Enumerable.Repeat(new string('a', 49), 5)) + "." + new string('b', length - 250)));

    [Theory]
    [InlineData(512, true)]
    [InlineData(513, false)]
    public void A_repository_has_512_characters_at_most(int length, bool sound) =>
        Assert.Equal(sound, IsSound($"h.example/{new string('a', length)}"));

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void A_tag_has_128_characters_at_most(int length, bool sound) =>
        Assert.Equal(sound, IsSound($"h.example/a:{new string('t', length)}"));

    [Fact]
    public void An_address_of_any_shape_has_2048_bytes_at_most_between_its_blanks()
    {
        string edges = new(' ', 4_000);

        Assert.True(IsSound($"{edges}h.example{edges}"));
        Assert.Contains(
            "longer than 2048 bytes",
            Assert.IsType<RegistryParse.NotARegistry>(RegistryReference.Parse(new string('a', 2049))).Reason,
            StringComparison.Ordinal);
        Assert.DoesNotContain(
            "longer than 2048 bytes",
            Assert.IsType<RegistryParse.NotARegistry>(RegistryReference.Parse(new string('a', 2048))).Reason,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\th.example\t\n", true)]
    [InlineData("\f\v \t\r\nh.example \t\v\f\r\n", true)]
    [InlineData("h.\texample", false)]
    [InlineData("h.example\u0085", false)]
    [InlineData("h.example\u00A0", false)]
    [InlineData("\uFEFFh.example", false)]
    public void White_space_round_the_host_is_trimmed_as_Gos_helpers_do_tabs_too(string input, bool sound) => Assert.Equal(sound, IsSound(input));

    [Fact]
    public void A_password_in_the_input_is_not_in_the_refusal()
    {
        string reason = Assert.IsType<RegistryParse.NotARegistry>(RegistryReference.Parse("https://AWS:SENTINEL-pw@h.example")).Reason;

        Assert.DoesNotContain("SENTINEL", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n \n")]
    [InlineData("\t\v\f")]
    public void Blanks_alone_are_nothing(string input) => Assert.IsType<RegistryParse.Empty>(RegistryReference.Parse(input));

    private static RegistryReference Parsed(string input) => Assert.IsType<RegistryParse.Parsed>(RegistryReference.Parse(input)).Reference;

    private static bool IsSound(string input) => RegistryReference.Parse(input) is RegistryParse.Parsed;
}
