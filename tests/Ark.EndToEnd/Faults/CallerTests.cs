using System.Runtime.Versioning;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.EndToEnd.Faults;

/// <summary>Whose identity a request is answered with: the caller's, or the configuration's, and never somebody else's.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CallerTests
{
    private const string Configured = "registry.example.com";

    [Fact]
    public async Task Twenty_gets_are_one_call()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await fixture.Get();
        }

        Assert.Equal(1, fixture.Aws.Calls(DaemonFixture.Token));
    }

    [Fact]
    public async Task What_the_first_caller_had_in_its_environment_is_nobody_elses()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        await using var evil = await StandInAws.StartAsync();
        evil.AddPrincipal("AKIAEVIL000000000000", "SENTINEL-evil-key", name: "evil");
        fixture.Home.WriteAwsCredentials("[evil]\naws_access_key_id = AKIAEVIL000000000000\naws_secret_access_key = SENTINEL-evil-key\n");
        var own = new Dictionary<string, string>(fixture.Variables);
        fixture.Variables.Remove("AWS_ACCESS_KEY_ID");
        fixture.Variables.Remove("AWS_SECRET_ACCESS_KEY");
        fixture.Variables["AWS_PROFILE"] = "evil";
        fixture.Variables["AWS_ENDPOINT_URL"] = evil.Endpoint.ToString();
        fixture.Variables["HTTPS_PROXY"] = "http://127.0.0.1:1";
        fixture.Variables["HTTP_PROXY"] = "http://127.0.0.1:1";
        fixture.Variables["SSL_CERT_FILE"] = "/nonexistent";
        var first = await fixture.Ask("get");
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Equal(1, evil.Calls(DaemonFixture.Token, "evil"));

        Become(fixture, own);
        await fixture.Get();

        Assert.Equal(1, fixture.Aws.Calls(DaemonFixture.Token, "tester"));
        Assert.Equal(1, evil.Calls(DaemonFixture.Token));
        Assert.Equal(1, fixture.DaemonsStarted);
    }

    [Fact]
    public async Task Other_keys_are_another_identity_at_the_next_get()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        await fixture.Get();
        fixture.Aws.AddPrincipal("AKIAOTHER00000000000", "SENTINEL-other-key", name: "other");
        fixture.Variables["AWS_ACCESS_KEY_ID"] = "AKIAOTHER00000000000";
        fixture.Variables["AWS_SECRET_ACCESS_KEY"] = "SENTINEL-other-key";

        var password = await fixture.Get();

        Assert.Equal("other", fixture.Aws.FindToken(password)!.Principal.Name);
    }

    [Fact]
    public async Task A_mapped_organization_is_not_influenced_by_the_callers_variables()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        Configuration(fixture, "keeper");
        fixture.Variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
        fixture.Variables["AWS_ENDPOINT_URL_ECR"] = "http://127.0.0.1:1";
        fixture.Variables["AWS_PROFILE"] = "nobody";
        fixture.Variables["AWS_REGION"] = "eu-north-1";
        fixture.Variables["AWS_CONFIG_FILE"] = "/nonexistent";
        fixture.Variables["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent";

        var token = fixture.Aws.FindToken(await fixture.Get(Configured))!;

        Assert.Equal(("keeper", "us-east-1"), (token.Principal.Name, token.Region));
    }

    [Fact]
    public async Task An_edited_profile_is_noticed_at_the_next_get()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        Configuration(fixture, "keeper");
        Assert.Equal("keeper", fixture.Aws.FindToken(await fixture.Get(Configured))!.Principal.Name);

        WriteProfile(fixture, "successor");

        Assert.Equal("successor", fixture.Aws.FindToken(await fixture.Get(Configured))!.Principal.Name);
        Assert.Equal("successor", fixture.Aws.FindToken(await fixture.Get(Configured))!.Principal.Name);
        Assert.Equal(2, fixture.Aws.Calls(DaemonFixture.Token));
    }

    [Fact]
    public async Task A_host_taken_out_of_the_map_is_not_served_at_the_next_request()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        Configuration(fixture, "keeper");
        await fixture.Get(Configured);

        fixture.Home.WriteConfiguration("""{ "mode": "mapped-only" }""");

        Assert.Equal(DaemonFixture.NotFound, (await fixture.Ask("get", Configured)).OutputText);
        Assert.Equal(DaemonFixture.NotFound, (await fixture.Ask("get")).OutputText);
        Assert.Equal("{}\n", (await fixture.Ask("list")).OutputText);
    }

    [Fact]
    public async Task A_map_that_breaks_while_the_daemon_runs_serves_nothing_and_says_where()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        Configuration(fixture, "keeper");
        await fixture.Get(Configured);

        fixture.Home.WriteConfiguration("{\n  \"mode\": sometimes\n}");
        var broken = await fixture.Ask("get", Configured);
        Assert.Equal(1, broken.ExitCode);
        Assert.StartsWith($"{fixture.Home.ConfigurationFile}:2:11: ", broken.OutputText, StringComparison.Ordinal);

        Configuration(fixture, "keeper");
        File.SetUnixFileMode(fixture.Home.ConfigurationFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        Assert.Contains("can be written by others", (await fixture.Ask("get", Configured)).OutputText, StringComparison.Ordinal);

        Configuration(fixture, "keeper");
        await fixture.Get(Configured);
        Assert.Equal(1, fixture.Aws.Calls(DaemonFixture.Token));
    }

    [Fact]
    public async Task A_token_is_renewed_behind_answers_that_nobody_waits_for()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        fixture.Aws.TokenLife = TimeSpan.FromSeconds(8);
        Configuration(fixture, "keeper", "\"refresh\": { \"at\": 0.25, \"minRemaining\": \"PT1S\" },");
        await Eventually.HoldsAsync("two renewals", async () =>
        {
            var token = fixture.Aws.FindToken(await fixture.Get(Configured))!;
            Assert.True(token.ExpiresAt > DateTimeOffset.UtcNow, "an expired token was handed out");
            return fixture.Aws.Calls(DaemonFixture.Token) >= 3;
        });

        var status = (await fixture.Home.RunAsync(Programs.Ark, ["status", "--json"])).OutputText;
        Assert.Contains("\"lastFetchReason\":\"proactive\"", status, StringComparison.Ordinal);
        Assert.Contains("\"organization\":\"tbd\"", status, StringComparison.Ordinal);
    }

    private static void Become(DaemonFixture fixture, Dictionary<string, string> variables)
    {
        fixture.Variables.Clear();
        foreach (var (name, value) in variables)
        {
            fixture.Variables[name] = value;
        }
    }

    private static void Configuration(DaemonFixture fixture, string name, string settings = "")
    {
        WriteProfile(fixture, name);
        fixture.Home.WriteConfiguration($$"""
            { {{settings}} "organizations": [{ "name": "tbd", "registries": [{
                "hosts": ["{{Configured}}"],
                "source": { "type": "ecr", "profile": "tbd", "accountId": "123456789012", "region": "us-east-1", "endpoint": "{{fixture.Aws.Endpoint.ToString().TrimEnd('/')}}" } }] }] }
            """);
    }

    private static void WriteProfile(DaemonFixture fixture, string name)
    {
        var key = $"AKIA{name.ToUpperInvariant().PadRight(16, '0')}";
        fixture.Aws.AddPrincipal(key, $"SENTINEL-{name}", name: name);
        fixture.Home.WriteAwsCredentials($"[tbd]\naws_access_key_id = {key}\naws_secret_access_key = SENTINEL-{name}\n");
    }
}
