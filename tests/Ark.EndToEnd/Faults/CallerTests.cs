using System.Runtime.Versioning;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.EndToEnd.Faults;

/// <summary>Whose identity a request is answered with: the caller's, or the map's, and never somebody else's.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CallerTests
{
    private const string Mapped = "registry.example.com";

    [Fact]
    public async Task Twenty_gets_are_one_call()
    {
        await using var household = await Household.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await household.Get();
        }

        Assert.Equal(1, household.Aws.Calls(Household.Token));
    }

    [Fact]
    public async Task What_the_first_caller_had_in_its_environment_is_nobody_elses()
    {
        await using var household = await Household.StartAsync();
        await using var evil = await StandInAws.StartAsync();
        evil.AddPrincipal("AKIAEVIL000000000000", "SENTINEL-evil-key", name: "evil");
        household.Home.WriteAwsCredentials("[evil]\naws_access_key_id = AKIAEVIL000000000000\naws_secret_access_key = SENTINEL-evil-key\n");
        var own = new Dictionary<string, string>(household.Variables);
        household.Variables.Remove("AWS_ACCESS_KEY_ID");
        household.Variables.Remove("AWS_SECRET_ACCESS_KEY");
        household.Variables["AWS_PROFILE"] = "evil";
        household.Variables["AWS_ENDPOINT_URL"] = evil.Endpoint.ToString();
        household.Variables["HTTPS_PROXY"] = "http://127.0.0.1:1";
        household.Variables["HTTP_PROXY"] = "http://127.0.0.1:1";
        household.Variables["SSL_CERT_FILE"] = "/nonexistent";
        var first = await household.Ask("get");
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Equal(1, evil.Calls(Household.Token, "evil"));

        Become(household, own);
        await household.Get();

        Assert.Equal(1, household.Aws.Calls(Household.Token, "tester"));
        Assert.Equal(1, evil.Calls(Household.Token));
        Assert.Equal(1, household.DaemonsStarted);
    }

    [Fact]
    public async Task Other_keys_are_another_identity_at_the_next_get()
    {
        await using var household = await Household.StartAsync();
        await household.Get();
        household.Aws.AddPrincipal("AKIAOTHER00000000000", "SENTINEL-other-key", name: "other");
        household.Variables["AWS_ACCESS_KEY_ID"] = "AKIAOTHER00000000000";
        household.Variables["AWS_SECRET_ACCESS_KEY"] = "SENTINEL-other-key";

        var password = await household.Get();

        Assert.Equal("other", household.Aws.FindToken(password)!.Principal.Name);
    }

    [Fact]
    public async Task A_mapped_organization_is_not_influenced_by_the_callers_variables()
    {
        await using var household = await Household.StartAsync();
        Map(household, "keeper");
        household.Variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
        household.Variables["AWS_ENDPOINT_URL_ECR"] = "http://127.0.0.1:1";
        household.Variables["AWS_PROFILE"] = "nobody";
        household.Variables["AWS_REGION"] = "eu-north-1";
        household.Variables["AWS_CONFIG_FILE"] = "/nonexistent";
        household.Variables["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent";

        var token = household.Aws.FindToken(await household.Get(Mapped))!;

        Assert.Equal(("keeper", "us-east-1"), (token.Principal.Name, token.Region));
    }

    [Fact]
    public async Task An_edited_profile_is_noticed_at_the_next_get()
    {
        await using var household = await Household.StartAsync();
        Map(household, "keeper");
        Assert.Equal("keeper", household.Aws.FindToken(await household.Get(Mapped))!.Principal.Name);

        WriteProfile(household, "successor");

        Assert.Equal("successor", household.Aws.FindToken(await household.Get(Mapped))!.Principal.Name);
        Assert.Equal("successor", household.Aws.FindToken(await household.Get(Mapped))!.Principal.Name);
        Assert.Equal(2, household.Aws.Calls(Household.Token));
    }

    [Fact]
    public async Task A_host_taken_out_of_the_map_is_not_served_at_the_next_request()
    {
        await using var household = await Household.StartAsync();
        Map(household, "keeper");
        await household.Get(Mapped);

        household.Home.WriteMap("""{ "mode": "mapped-only" }""");

        Assert.Equal(Household.NotFound, (await household.Ask("get", Mapped)).OutputText);
        Assert.Equal(Household.NotFound, (await household.Ask("get")).OutputText);
        Assert.Equal("{}\n", (await household.Ask("list")).OutputText);
    }

    [Fact]
    public async Task A_map_that_breaks_while_the_daemon_runs_serves_nothing_and_says_where()
    {
        await using var household = await Household.StartAsync();
        Map(household, "keeper");
        await household.Get(Mapped);

        household.Home.WriteMap("{\n  \"mode\": sometimes\n}");
        var broken = await household.Ask("get", Mapped);
        Assert.Equal(1, broken.ExitCode);
        Assert.StartsWith($"{household.Home.MapFile}:2:11: ", broken.OutputText, StringComparison.Ordinal);

        Map(household, "keeper");
        File.SetUnixFileMode(household.Home.MapFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        Assert.Contains("can be written by others", (await household.Ask("get", Mapped)).OutputText, StringComparison.Ordinal);

        Map(household, "keeper");
        await household.Get(Mapped);
        Assert.Equal(1, household.Aws.Calls(Household.Token));
    }

    [Fact]
    public async Task A_token_is_renewed_behind_answers_that_nobody_waits_for()
    {
        await using var household = await Household.StartAsync();
        household.Aws.TokenLife = TimeSpan.FromSeconds(8);
        Map(household, "keeper", "\"refresh\": { \"at\": 0.25, \"minRemaining\": \"PT1S\" },");
        await Eventually.HoldsAsync("two renewals", async () =>
        {
            var token = household.Aws.FindToken(await household.Get(Mapped))!;
            Assert.True(token.ExpiresAt > DateTimeOffset.UtcNow, "an expired token was handed out");
            return household.Aws.Calls(Household.Token) >= 3;
        });

        var status = (await household.Home.RunAsync(Programs.Ark, ["status", "--json"])).OutputText;
        Assert.Contains("\"lastFetchReason\":\"proactive\"", status, StringComparison.Ordinal);
        Assert.Contains("\"organization\":\"tbd\"", status, StringComparison.Ordinal);
    }

    private static void Become(Household household, Dictionary<string, string> variables)
    {
        household.Variables.Clear();
        foreach (var (name, value) in variables)
        {
            household.Variables[name] = value;
        }
    }

    private static void Map(Household household, string name, string settings = "")
    {
        WriteProfile(household, name);
        household.Home.WriteMap($$"""
            { {{settings}} "organizations": [{ "name": "tbd", "registries": [{
                "hosts": ["{{Mapped}}"],
                "source": { "type": "ecr", "profile": "tbd", "accountId": "123456789012", "region": "us-east-1", "endpoint": "{{household.Aws.Endpoint.ToString().TrimEnd('/')}}" } }] }] }
            """);
    }

    private static void WriteProfile(Household household, string name)
    {
        var key = $"AKIA{name.ToUpperInvariant().PadRight(16, '0')}";
        household.Aws.AddPrincipal(key, $"SENTINEL-{name}", name: name);
        household.Home.WriteAwsCredentials($"[tbd]\naws_access_key_id = {key}\naws_secret_access_key = SENTINEL-{name}\n");
    }
}
