using System.Runtime.Versioning;
using System.Text.Json;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Daemon.Configuration;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

/// <summary>What people ask about the configuration, on a configuration that is really there.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ConfigurationHandlerTests : IDisposable
{
    private const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

    private const string Two = $$"""
        { "defaultOrganization": "green", "organizations": [
            { "name": "blue", "id": "2EA25035-6aa4-42fb-9955-92288ea1b972", "registries": [{
              "hosts": ["{{Host}}", "*.blue.example.com"], "repositoryPrefix": "prod/blue",
              "source": { "type": "ecr", "profile": "blue", "accountId": "123456789012", "region": "us-east-1",
                "roleArn": "arn:aws:iam::123456789012:role/r", "scope": "push" } }] },
            { "name": "green", "registries": [{ "hosts": ["{{Host}}"], "source": { "type": "ecr", "profile": "green" } },
              { "hosts": ["ghcr.io"], "source": { "type": "command", "command": ["gh", "SENTINEL-argument"], "username": "u" } }] } ] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("ark-configuration-").FullName;
    private readonly DispatcherFixture _fixture = new();
    private readonly ConfigurationStores _configurations;

    public ConfigurationHandlerTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are those of Unix");
        _fixture.Environment["ARK_CONFIG"] = Path.Combine(_folder, "config.json");
        _configurations = new ConfigurationStores(
            name => _fixture.Environment.GetValueOrDefault(name), _fixture.Clock, _fixture.Log.Logger);
        _fixture.Configuration = () => _configurations.For(CallerIdentity.Empty);
        Write(Two);
    }

    public void Dispose()
    {
        _fixture.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_organizations_are_told_with_who_asks_and_no_argument_of_a_command()
    {
        Reply reply = await _fixture.Ask(Verb.Organizations);

        using var json = JsonDocument.Parse(reply.Stdout);
        JsonElement root = json.RootElement;
        Assert.Equal(Path.Combine(_folder, "config.json"), root.GetProperty("file").GetString());
        Assert.Equal("green", root.GetProperty("defaultOrganization").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("using").ValueKind);
        JsonElement blue = root.GetProperty("organizations")[0];
        Assert.Equal(
            ("blue", "2ea25035-6aa4-42fb-9955-92288ea1b972"), (blue.GetProperty("name").GetString(), blue.GetProperty("id").GetString()));
        JsonElement registry = blue.GetProperty("registries")[0];
        Assert.Equal(Host, registry.GetProperty("hosts").EnumerateArray().Single().GetString());
        Assert.Equal("*.blue.example.com", blue.GetProperty("registries")[1].GetProperty("hosts").EnumerateArray().Single().GetString());
        Assert.Equal("prod/blue", registry.GetProperty("repositoryPrefix").GetString());
        Assert.Equal(
            "profile blue, arn:aws:iam::123456789012:role/r limited to push",
            registry.GetProperty("source").GetProperty("identity").GetString());
        Assert.Equal(
            "gh",
            root.GetProperty("organizations")[1].GetProperty("registries")[1].GetProperty("source").GetProperty("identity").GetString());
        Assert.DoesNotContain("SENTINEL", reply.Out(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_a_configuration_is_that_cannot_be_used_is_told_all_the_same()
    {
        Write("{");

        Assert.Equal(1, (await _fixture.Ask(Verb.Organizations)).ExitCode);
        Reply reply = await _fixture.Ask(Verb.Organizations, "file");

        Assert.Equal((0, $"{{\"file\":\"{Path.Combine(_folder, "config.json")}\"}}\n"), (reply.ExitCode, reply.Out()));
    }

    [Theory]
    [InlineData("blue", "blue")]
    [InlineData("2ea25035-6AA4-42fb-9955-92288ea1b972", "blue")]
    public async Task The_organization_that_is_used_answers_from_the_next_request_on_and_after_a_restart(string chosen, string organization)
    {
        Reply reply = await _fixture.Ask(Verb.Use, chosen);

        Assert.Equal((0, $"using {organization} where several organizations match\n"), (reply.ExitCode, reply.Out()));
        Assert.Equal(organization, Served());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "organization")));
    }

    [Fact]
    public async Task The_choice_is_written_through_no_name_that_can_be_guessed()
    {
        string precious = Path.Combine(_folder, "precious");
        await File.WriteAllTextAsync(precious, "precious", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(_folder, $"organization.{Environment.ProcessId}"), precious);

        Assert.Equal(0, (await _fixture.Ask(Verb.Use, "blue")).ExitCode);

        Assert.Equal("precious", await File.ReadAllTextAsync(precious, TestContext.Current.CancellationToken));
        Assert.Equal("blue", Served());
        Assert.Null(new FileInfo(Path.Combine(_folder, "organization")).LinkTarget);
    }

    [Fact]
    public async Task A_choice_that_cannot_be_kept_leaves_nothing_behind()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "organization", "full"));

        Assert.Equal(1, (await _fixture.Ask(Verb.Use, "blue")).ExitCode);

        Assert.Equal(
            ["config.json", "organization"],
            Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_a_name_nothing_is_preferred_any_more()
    {
        await _fixture.Ask(Verb.Use, "blue");

        Reply reply = await _fixture.Ask(Verb.Use);

        Assert.Equal(0, reply.ExitCode);
        Assert.Equal("green", Served());
        Assert.False(File.Exists(Path.Combine(_folder, "organization")));
    }

    [Fact]
    public async Task An_organization_that_the_configuration_does_not_have_is_not_used()
    {
        Reply reply = await _fixture.Ask(Verb.Use, "red");

        Assert.Equal(1, reply.ExitCode);
        Assert.Contains($"no organization \"red\" in {Path.Combine(_folder, "config.json")}", reply.Error(), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "organization")));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("loose")]
    [InlineData("directory")]
    [InlineData("huge")]
    public async Task A_choice_that_somebody_else_may_have_written_says_nothing(string how)
    {
        await _fixture.Ask(Verb.Use, "blue");
        string file = Path.Combine(_folder, "organization");
        switch (how)
        {
            case "link":
                string everybodys = Directory.CreateDirectory(file + ".d").FullName;
                File.SetUnixFileMode(everybodys, (UnixFileMode)0b111_111_111);
                File.Move(file, Path.Combine(everybodys, "real"));
                File.CreateSymbolicLink(file, Path.Combine(everybodys, "real"));
                break;
            case "loose":
                File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
                break;
            case "directory":
                File.Delete(file);
                Directory.CreateDirectory(file);
                break;
            default:
                await File.WriteAllTextAsync(file, $"blue{new string('\n', 200)}", TestContext.Current.CancellationToken);
                break;
        }

        Assert.Equal("green", Served());
    }

    [Fact]
    public async Task A_sound_file_is_counted_and_a_broken_one_has_each_of_its_errors_on_a_line()
    {
        Assert.Equal(
            $"{Path.Combine(_folder, "config.json")}: valid, 2 organizations, 2 hosts\n", (await _fixture.Ask(Verb.Validate)).Out());
        string other = Path.Combine(_folder, "other.json");
        await File.WriteAllTextAsync(other, "{ \"mode\": \"x\",\n  \"organisations\": [] }", TestContext.Current.CancellationToken);

        Reply reply = await _fixture.Ask(Verb.Validate, other);

        Assert.Equal(1, reply.ExitCode);
        Assert.Equal(
            $"{other}:1:11: invalid mode \"x\": must be auto or mapped-only\n"
                + $"{other}:2:3: unknown property \"organisations\"; did you mean \"organizations\"?\n",
            reply.Out());
        Assert.StartsWith("ark: hint: ", reply.Error(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_or_not_safe_is_not_sound()
    {
        Assert.Contains(
            "there is no configuration /nowhere/x.json",
            (await _fixture.Ask(Verb.Validate, "/nowhere/x.json")).Error(),
            StringComparison.Ordinal);
        File.SetUnixFileMode(Path.Combine(_folder, "config.json"), (UnixFileMode)0b110_110_110);

        Assert.Contains("can be written by others", (await _fixture.Ask(Verb.Validate)).Error(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_nothing_decides_about_is_not_found_with_the_candidates_on_stderr_and_stands_in_status()
    {
        Write(Two.Replace("\"defaultOrganization\": \"green\",", "", StringComparison.Ordinal));

        Reply reply = await _fixture.Ask(Verb.Get, Host);

        Assert.Equal((1, DispatcherFixture.NotFound), (reply.ExitCode, reply.Out()));
        Assert.Contains(
            $"ark: note: several organizations are configured for {Host}: blue, green; choose one: ARK_ORGANIZATION=blue",
            reply.Error(),
            StringComparison.Ordinal);
        Assert.EndsWith("\nark: code: organization-ambiguous\n", reply.Error(), StringComparison.Ordinal);
        Assert.Contains("several organizations are configured", (await _fixture.Ask(Verb.Status)).Out(), StringComparison.Ordinal);
        Assert.DoesNotContain(Host, (await _fixture.Ask(Verb.List)).Out(), StringComparison.Ordinal);
        Assert.Equal(0, (await _fixture.Ask(Verb.Get, Host, ("ARK_ORGANIZATION", "blue"))).ExitCode);
    }

    [Fact]
    public async Task What_the_configuration_has_lost_is_out_of_the_cache_with_the_next_request_and_the_rest_stays()
    {
        await _fixture.Ask(Verb.Get, "a.blue.example.com", ("AWS_SECRET_ACCESS_KEY", "SENTINEL"));
        Assert.Contains("a.blue.example.com", (await _fixture.Ask(Verb.Status)).Out(), StringComparison.Ordinal);

        Write(Two.Replace(", \"*.blue.example.com\"", "", StringComparison.Ordinal));
        await _fixture.Ask(Verb.Get, "elsewhere.example");

        Assert.DoesNotContain("a.blue.example.com", (await _fixture.Ask(Verb.Status)).Out(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_configuration_serves_nothing_and_forgets_nothing()
    {
        await _fixture.Ask(Verb.Get, "a.blue.example.com");

        Write("{");
        await _fixture.Ask(Verb.Get, "a.blue.example.com");

        Assert.Contains("a.blue.example.com", (await _fixture.Ask(Verb.Status)).Out(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_organizations_success_does_not_hide_anothers_failure_on_the_same_host()
    {
        _fixture.Sources = (source, _) => source is EcrSource { Profile: "green" }
            ? new SourceOutcome.Failed(new Problem(ProblemKind.ProfileNotFound, "there is no profile green", "make it"))
            : new SourceOutcome.Found(_fixture.Source);

        Assert.Equal(1, (await _fixture.Ask(Verb.Get, Host, ("ARK_ORGANIZATION", "green"))).ExitCode);
        Assert.Equal(0, (await _fixture.Ask(Verb.Get, Host, ("ARK_ORGANIZATION", "blue"))).ExitCode);

        Assert.Contains("there is no profile green", (await _fixture.Ask(Verb.Status)).Out(), StringComparison.Ordinal);
        Assert.Contains(Host, (await _fixture.Ask(Verb.List)).Out(), StringComparison.Ordinal);
    }

    private void Write(string configuration) => File.WriteAllText(Path.Combine(_folder, "config.json"), configuration);

    private string? Served() =>
        Assert.IsType<Resolution.Found>(HostResolver.Resolve(
            _configurations.For(CallerIdentity.Empty),
            System.Text.Encoding.UTF8.GetBytes(Host),
            CallerIdentity.Empty)).Binding.Organization;
}
