using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary><c>ark doctor</c> as people run it: the published programs, a registry behind the real names of ECR, and its own authority.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DoctorTests
{
    private const string Repository = PeopleFixture.Host + "/" + PeopleFixture.AcmePrefix + "/app";

    /// <summary>Of ECR's form, and over since 2023.</summary>
    private static readonly string StaleToken = Base64($"AWS:{Base64(
        """{"payload":"SENTINEL-payload","datakey":"SENTINEL-key","version":"2","type":"DATA_KEY","expiration":1700000000}""")}");

    [Fact]
    public async Task An_image_that_is_there_and_each_way_in_which_one_is_not_are_told_apart()
    {
        await using var user = await PeopleFixture.StartAsync();
        await using var registry = await StandInRegistry.StartAsync(user.Aws);
        await using var proxy = StandInProxy.Start(registry);
        registry.Seed($"{Repository}:1.0");
        registry.Seed("999999999999.dkr.ecr.us-east-1.amazonaws.com/app:1.0");
        LeadTo(user, registry, proxy);
        user.Home.Variables["AWS_PROFILE"] = "work";

        Assert.Equal("ok", (await Check(user, "image", $"{Repository}:1.0")).Result);

        var missingTag = await Check(user, "image", $"{Repository}:2.0");
        Assert.Equal(("fail", $"docker push {Repository}:2.0"), (missingTag.Result, missingTag.Repair));

        var missing = await Check(user, "image", $"{Repository}2:1.0");
        Assert.Equal(("fail", $"ark repo create {Repository}2"), (missing.Result, missing.Repair));

        var forbidden = await Check(user, "image", "999999999999.dkr.ecr.us-east-1.amazonaws.com/app:1.0");
        Assert.Equal("fail", forbidden.Result);
        Assert.EndsWith("aws ecr get-repository-policy --repository-name app --region us-east-1", forbidden.Repair, StringComparison.Ordinal);

        // What it says is what repairs it.
        registry.CreateRepository(PeopleFixture.Host, $"{PeopleFixture.AcmePrefix}/app2");
        registry.Seed($"{Repository}2:1.0");
        Assert.Equal("ok", (await Check(user, "image", $"{Repository}2:1.0")).Result);
    }

    [Fact]
    public async Task A_token_that_the_registry_takes_for_expired_is_told()
    {
        await using var user = await PeopleFixture.StartAsync();
        await using var registry = await StandInRegistry.StartAsync(user.Aws, new LateClock());
        await using var proxy = StandInProxy.Start(registry);
        registry.Seed($"{Repository}:1.0");
        LeadTo(user, registry, proxy);

        var expired = await Check(user, "image", $"{Repository}:1.0");

        Assert.Equal(("fail", $"ark refresh {PeopleFixture.Host}"), (expired.Result, expired.Repair));
    }

    [Fact]
    public async Task A_registry_whose_certificate_nobody_trusts_gets_no_token()
    {
        await using var user = await PeopleFixture.StartAsync();
        await using var registry = await StandInRegistry.StartAsync(user.Aws);
        await using var proxy = StandInProxy.Start(registry);
        registry.Seed($"{Repository}:1.0");
        LeadTo(user, registry, proxy);
        user.Home.Variables.Remove("SSL_CERT_FILE");

        Assert.Equal($"no trusted TLS connection to {PeopleFixture.Host}", (await Check(user, "image", $"{Repository}:1.0")).Message);
        Assert.Empty(registry.Log);

        user.Home.Variables["AWS_CA_BUNDLE"] = user.Home.Write("roots.pem", registry.Authority.Pem);
        Assert.Equal("ok", (await Check(user, "image", $"{Repository}:1.0")).Result);
    }

    [Fact]
    public async Task Each_organization_at_the_host_is_asked_and_the_one_that_fails_is_named()
    {
        await using var user = await PeopleFixture.StartAsync(betaWorks: false);
        var result = await user.Types("ARK_ORGANIZATION=acme ark doctor --json");

        var found = Checks(result.OutputText).FindAll(check => check.Name == "sign-in");
        Assert.Equal(["ok", "fail"], found.Select(check => check.Result));
        Assert.StartsWith($"beta at {PeopleFixture.Host}: ", found[1].Message, StringComparison.Ordinal);
        Assert.Equal("access-denied", found[1].Code);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task A_newcomer_repairs_one_thing_after_the_other()
    {
        await using var user = await PeopleFixture.StartAsync();
        user.Home.WriteDockerConfig($$"""{"auths":{"{{PeopleFixture.Host}}":{"auth":"{{StaleToken}}"} } }""");
        user.Home.WriteConfiguration("{ nonsense");
        var broken = Checks((await user.Types($"ark doctor --json {PeopleFixture.Host}")).OutputText);
        Assert.Equal(
            ["configuration", "docker-file", "registry", "stale-tokens"],
            broken.Where(check => check.Result == "fail").Select(check => check.Name).Distinct().Intersect(["configuration", "docker-file", "registry", "stale-tokens"])
                .Order(StringComparer.Ordinal));

        user.Home.WriteConfiguration("{}");
        user.Home.Variables["AWS_PROFILE"] = "work";
        Assert.Equal(0, (await user.Types($"ark setup {PeopleFixture.Host} --yes")).ExitCode);
        var repaired = await user.Types($"ark doctor --fix --bundle {PeopleFixture.Host}");

        Assert.True(repaired.ExitCode == 0, $"{repaired}");
        Assert.DoesNotContain(StaleToken, await File.ReadAllTextAsync(user.Home.DockerConfigFile), StringComparison.Ordinal);
        user.HoldNoPassword(repaired.OutputText, repaired.ErrorText);
        var bundle = Assert.Single(Directory.GetFiles(Path.Combine(user.Home.Home, ".local", "state", "ark"), "doctor-*.txt"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(bundle));
        Assert.DoesNotContain("SENTINEL", await File.ReadAllTextAsync(bundle), StringComparison.Ordinal);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private static void LeadTo(PeopleFixture user, StandInRegistry registry, StandInProxy proxy)
    {
        user.Home.Variables["HTTPS_PROXY"] = proxy.Endpoint.ToString().TrimEnd('/');
        user.Home.Variables["SSL_CERT_FILE"] = user.Home.Write("ca.pem", registry.Authority.Pem);
    }

    private static async Task<Found> Check(PeopleFixture user, string name, string target)
    {
        var result = await user.Types($"ark doctor --json {target}");
        user.HoldNoPassword(result.OutputText, result.ErrorText);
        return Assert.Single(Checks(result.OutputText), check => check.Name == name);
    }

    private static List<Found> Checks(string json)
    {
        using var report = JsonDocument.Parse(json);
        return
        [
            .. report.RootElement.GetProperty("checks").EnumerateArray().Select(check => new Found(
                check.GetProperty("name").GetString()!,
                check.GetProperty("result").GetString()!,
                check.GetProperty("message").GetString()!,
                check.GetProperty("repair").GetString(),
                check.GetProperty("code").GetString())),
        ];
    }

    private sealed record Found(string Name, string Result, string Message, string? Repair, string? Code);

    /// <summary>Thirteen hours late: every token of ECR is over.</summary>
    private sealed class LateClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromHours(13);
    }
}
