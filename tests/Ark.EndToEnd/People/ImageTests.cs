using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary>Images and passwords in the forms that other systems want them in. A password is where it is promised, and nowhere else.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ImageTests
{
    private const string Repository = $"{PeopleFixture.BetaPrefix}/team/app";
    private const string Image = $"{PeopleFixture.Host}/{Repository}:1.2";

    [Fact]
    public async Task An_image_of_ours_is_shown_in_every_format_as_its_organization_sees_it()
    {
        await using var user = await PeopleFixture.StartAsync();

        var table = await user.Gets($"ark show {Image}");
        var beta = user.TokenOf("beta");
        var until = beta.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);
        Assert.StartsWith($"""
            registry      {PeopleFixture.Host}
            repository    {Repository}
            tag           1.2
            digest        -
            organization  beta
            prefix        {PeopleFixture.BetaPrefix}
            username      AWS
            password      not shown; see: ark token
            expires at    {until} (
            """, table, StringComparison.Ordinal);
        var palette = await user.Gets($"ark show {Image} --format palette");
        Assert.Equal($"endpoint={PeopleFixture.Host}\nbaseContentPath={PeopleFixture.BetaPrefix}\nproviderType=pack\n", palette);

        var kura = await user.Types($"ark show {Image} --format kura");
        Assert.Equal($"""
            registry.hostname={PeopleFixture.Host}/{PeopleFixture.BetaPrefix}/team/
            registry.username=AWS
            registry.password={beta.Password}
            container.image={PeopleFixture.Host}/{Repository}
            container.image.tag=1.2

            """, kura.OutputText);
        var env = await user.Types($"ark show {Image} --format env");
        Assert.Contains($"\nARK_USERNAME=AWS\nARK_PASSWORD={beta.Password}\nARK_EXPIRES_AT={until}\n", env.OutputText, StringComparison.Ordinal);
        Assert.Equal($"AWS {beta.Password}", (await user.Types($"eval \"$(ark show {Image} --format env)\"; printf '%s %s' \"$ARK_USERNAME\" \"$ARK_PASSWORD\"")).OutputText);
        var json = await user.Types($"ark show {Image} --format json");
        using var parsed = JsonDocument.Parse(json.OutputText);
        Assert.Equal(
            [PeopleFixture.Host, Repository, "1.2", null, "beta", PeopleFixture.BetaPrefix, "AWS", beta.Password],
            parsed.RootElement.EnumerateObject().Take(8).Select(member => member.Value.GetString()));
        Assert.Equal(until, parsed.RootElement.GetProperty("expiresAt").GetDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null));

        string note = $"ark: note: the password expires at {until}, in 11 h ";
        Assert.All([kura, env, json], shown => Assert.StartsWith(note, shown.ErrorText, StringComparison.Ordinal));
        user.HoldNoPassword(table, palette, kura.ErrorText, env.ErrorText, json.ErrorText);
    }

    [Theory]
    [InlineData("table", "registry      index.docker.io\nrepository    me/app\ntag           1.0\ndigest        -\norganization  -\nprefix        -\nusername      none\npassword      none\nexpires at    -\n")]
    [InlineData("palette", "endpoint=index.docker.io\nbaseContentPath=\nproviderType=pack\n")]
    [InlineData("kura", "registry.hostname=\nregistry.username=\nregistry.password=\ncontainer.image=me/app\ncontainer.image.tag=1.0\n", true)]
    [InlineData("env", "ARK_REGISTRY=index.docker.io\nARK_REPOSITORY=me/app\nARK_TAG=1.0\nARK_DIGEST=\nARK_USERNAME=\nARK_PASSWORD=\nARK_EXPIRES_AT=\n", true)]
    [InlineData("json", """{"host":"https://index.docker.io/v1/","repository":"me/app","tag":"1.0","digest":null,"organization":null,"repositoryPrefix":null,"username":null,"secret":null,"expiresAt":null}""" + "\n", true)]
    public async Task An_image_on_Docker_Hub_is_shown_without_credentials(string format, string expected, bool notes = false)
    {
        await using var user = await PeopleFixture.StartAsync();

        var shown = await user.Types($"ark show me/app:1.0 --format {format}");

        Assert.Equal(
            (0, expected, notes ? "ark: note: ark has no password for https://index.docker.io/v1/\n" : ""),
            (shown.ExitCode, shown.OutputText, shown.ErrorText));
        Assert.Empty(user.Aws.Log);
    }

    [Fact]
    public async Task Docker_Hub_has_the_credentials_of_the_store_that_the_map_names()
    {
        await using var user = await PeopleFixture.StartAsync();
        user.Home.WriteConfiguration("""
            { "organizations": [{ "name": "acme", "registries": [{
                "hosts": ["https://index.docker.io/v1/"], "source": { "type": "helper", "helper": "few" } }, {
                "hosts": ["ghcr.io"], "source": { "type": "helper", "helper": "few" } }] }] }
            """);
        user.Home.WriteScript(".local/bin/docker-credential-few", """
            #!/bin/sh
            case $(cat) in
            https://index.docker.io/v1/) echo '{"ServerURL":"https://index.docker.io/v1/","Username":"me","Secret":"SENTINEL-hub"}' ;;
            *) echo "credentials not found in native keychain"; exit 1 ;;
            esac

            """);

        var shown = await user.Types("ark show me/app:1.0 --format kura");
        Assert.Equal(
            (0, "registry.hostname=\nregistry.username=me\nregistry.password=SENTINEL-hub\ncontainer.image=me/app\ncontainer.image.tag=1.0\n", "ark: note: the password has no known expiry\n"),
            (shown.ExitCode, shown.OutputText, shown.ErrorText));
        Assert.Equal("SENTINEL-hub\n", await user.Gets("ark token me/app"));
        using var config = JsonDocument.Parse((await user.Types("ark export --format dockerconfigjson https://index.docker.io/v1/")).OutputText);
        Assert.Equal("me", config.RootElement.GetProperty("auths").GetProperty("https://index.docker.io/v1/").GetProperty("username").GetString());

        foreach (var line in (string[])["ark token ghcr.io", "ark token --json ghcr.io", "ark export --format k8s-secret ghcr.io"])
        {
            var nothing = await user.Types(line);
            Assert.Equal(
                (1, "ark: error: organization acme has no credentials for ghcr.io yet\nark: hint: docker login ghcr.io\n"),
                (nothing.ExitCode, nothing.ErrorText));
            Assert.Equal(
                line.Contains("--json", StringComparison.Ordinal)
                    ? """{"error":{"code":null,"message":"organization acme has no credentials for ghcr.io yet","hint":"docker login ghcr.io"}}""" + "\n"
                    : "",
                nothing.OutputText);
        }
    }

    [Fact]
    public async Task Copies_are_exported_and_their_end_is_told_beside_them()
    {
        await using var user = await PeopleFixture.StartAsync();

        var config = await user.Types($"ARK_ORGANIZATION=beta ark export --format dockerconfigjson {PeopleFixture.Host}");
        var beta = user.TokenOf("beta");
        AssertHolds(config.Output, beta.Password);
        var manifest = await user.Types($"ARK_ORGANIZATION=beta ark export --format k8s-secret --namespace shop {PeopleFixture.Host}");
        const string key = "  .dockerconfigjson: ";
        AssertHolds(Convert.FromBase64String(Assert.Single(manifest.OutputText.Split('\n'), line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..]), beta.Password);
        Assert.All([config, manifest], made => Assert.Matches($"^ark: note: the copy for {PeopleFixture.Host} expires at [^\n]+, in 11 h [^\n]+\n$", made.ErrorText));

        var partly = await user.Types($"ark export --format dockerconfigjson {PeopleFixture.Host} https://index.docker.io/v1/");
        Assert.Equal((1, ""), (partly.ExitCode, partly.OutputText));
        Assert.StartsWith("ark: error: https://index.docker.io/v1/ is not a registry that ark serves\nark: hint: ", partly.ErrorText, StringComparison.Ordinal);
        user.HoldNoPassword(config.ErrorText, manifest.ErrorText, partly.ErrorText);
    }

    [Fact]
    public async Task A_token_is_printed_alone_or_with_how_long_it_lives()
    {
        await using var user = await PeopleFixture.StartAsync();

        var plain = await user.Gets($"ark token {Image}");
        var beta = user.TokenOf("beta");
        Assert.Equal($"{beta.Password}\n", plain);
        using var json = JsonDocument.Parse(await user.Gets($"ark token --json {Image}"));
        Assert.Equal(["username", "secret", "expiresAt", "expiresInSeconds"], json.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal(beta.Password, json.RootElement.GetProperty("secret").GetString());
        Assert.InRange(json.RootElement.GetProperty("expiresInSeconds").GetInt64(), 11 * 3600, 12 * 3600);
        var verbose = await user.Types($"ark token --verbose {Image}");
        Assert.Equal($"{beta.Password}\n", verbose.OutputText);
        Assert.StartsWith("ark: note: the password expires at ", verbose.ErrorText, StringComparison.Ordinal);

        foreach (var option in (string[])["", "--json", "--verbose"])
        {
            var foreign = await user.Types($"ark token {option} ghcr.io");
            Assert.Equal(1, foreign.ExitCode);
            Assert.StartsWith(option == "--json" ? """{"error":{"code":null,""" : "", foreign.OutputText, StringComparison.Ordinal);
            Assert.Equal(option == "--json", foreign.OutputText.Length > 0);
            Assert.StartsWith("ark: error: ghcr.io is not a registry that ark serves\nark: hint: ", foreign.ErrorText, StringComparison.Ordinal);
        }

        user.HoldNoPassword(verbose.ErrorText);
    }

    private static void AssertHolds(byte[] config, string password)
    {
        using var json = JsonDocument.Parse(config);
        var copy = json.RootElement.GetProperty("auths").GetProperty(PeopleFixture.Host);
        Assert.Equal($"AWS:{password}", Encoding.ASCII.GetString(copy.GetProperty("auth").GetBytesFromBase64()));
    }
}
