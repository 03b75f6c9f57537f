using System.Globalization;
using System.Text.Json;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Tests.Tokens;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class StatusAndRefreshTests : IDisposable
{
    private const string Other = "210987654321.dkr.ecr.eu-west-1.amazonaws.com";

    private readonly DispatcherFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Status_is_the_contract_name_for_name_and_in_order()
    {
        await _fixture.Ask(Verb.Get, The.Host);
        await _fixture.Ask(Verb.Get, The.Host);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(90.9));

        var reply = await _fixture.Ask(Verb.Status);

        Assert.Equal(
            $$"""{"daemon":{"pid":{{Environment.ProcessId}},"version":"{{Build.Current}}","uptimeSeconds":90,"requests":3,"""
            + """ "faults":0,"clockSkewSeconds":null,"problem":null,"log":null},"entries":[""".TrimStart()
            + $$"""{"host":"{{The.Host}}","organization":null,"source":"ecr eu-west-1","identity":"profile tbd","state":"fresh","""
            + """ "expiresAt":"2026-01-03T00:00:00Z","refreshAt":"2026-01-02T18:00:00Z","lastFetchReason":"first-use",""".TrimStart()
            + """ "lastError":null,"fetches":1,"hits":1,"problem":null,"account":null}]}""".TrimStart()
            + "\n",
            reply.Out());
    }

    [Fact]
    public async Task Every_state_has_its_word()
    {
        await _fixture.Ask(Verb.Get, The.Host);
        Assert.Equal("fresh", await StateOf());

        _fixture.Clock.Advance(The.HalfLife + TimeSpan.FromMinutes(1));
        Assert.Equal("refreshing", await StateOf());

        _fixture.Clock.Advance(The.HalfLife);
        Assert.Equal("expired", await StateOf());

        _fixture.Source.Problem = Some.Problem(ProblemKind.LoginRequired);
        await _fixture.Ask(Verb.Get, The.Host);
        Assert.Equal("failing", await StateOf());
        Assert.Equal("it went wrong with LoginRequired", await FieldOf("lastError"));
        Assert.Contains(
            """{"code":"login-needed","message":"it went wrong with LoginRequired","hint":"mend it"}""",
            (await _fixture.Ask(Verb.Status)).Out(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_for_the_status_keeps_no_daemon_alive()
    {
        await _fixture.Ask(Verb.Get, The.Host);
        _fixture.Clock.Advance(TimeSpan.FromHours(11));
        await _fixture.Ask(Verb.Status);

        Assert.Equal(TimeSpan.FromHours(11), _fixture.Dispatcher.Idle);
    }

    [Fact]
    public async Task Refresh_of_one_host_fetches_though_the_token_is_fresh()
    {
        await _fixture.Ask(Verb.Get, The.Host);

        var reply = await _fixture.Ask(Verb.Refresh, The.Host + "\n");

        Assert.Equal((0, $"refreshed {The.Host}\n"), (reply.ExitCode, reply.Out()));
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task Refresh_of_everything_fetches_once_a_token()
    {
        await _fixture.Ask(Verb.Get, The.Host);
        await _fixture.Ask(Verb.Get, Other);
        Assert.Equal(1, _fixture.Source.Calls);

        var reply = await _fixture.Ask(Verb.Refresh);

        Assert.Equal(0, reply.ExitCode);
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task Refresh_of_nothing_says_so()
    {
        var reply = await _fixture.Ask(Verb.Refresh, " \n");

        Assert.Equal((0, "nothing is cached\n"), (reply.ExitCode, reply.Out()));
    }

    [Fact]
    public async Task One_host_that_fails_does_not_keep_the_others_from_being_refreshed()
    {
        var second = new FakeSource(_fixture.Clock, "profile other");
        _fixture.Configuration = () => DispatcherFixture.ConfigurationOf();
        _fixture.Sources = (source, _) => new SourceOutcome.Found(((EcrSource)source).Profile is null ? second : _fixture.Source);
        await _fixture.Ask(Verb.Get, The.Host);
        await _fixture.Ask(Verb.Get, DispatcherFixture.Configured);
        second.Problem = Some.Problem(ProblemKind.AccessDenied);

        var reply = await _fixture.Ask(Verb.Refresh);

        Assert.Equal(1, reply.ExitCode);
        Assert.Equal(2, _fixture.Source.Calls);
        Assert.Contains($"refreshed {DispatcherFixture.Configured}\n", reply.Out(), StringComparison.Ordinal);
        Assert.Contains("it went wrong with AccessDenied\n", reply.Out(), StringComparison.Ordinal);
        Assert.Contains("ark: error: it went wrong with AccessDenied\nark: hint: mend it\n", reply.Error(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_of_a_foreign_host_is_an_error_of_its_own()
    {
        var reply = await _fixture.Ask(Verb.Refresh, "ghcr.io");

        Assert.Equal((1, "ark does not serve this registry\n"), (reply.ExitCode, reply.Out()));
    }

    [Fact]
    public async Task Hosts_are_the_configurations_one_a_line()
    {
        _fixture.Configuration = static () => DispatcherFixture.ConfigurationOf("", "b.example.com", "a.example.com");
        Assert.Equal("b.example.com\na.example.com\n", (await _fixture.Ask(Verb.Hosts)).Out());

        _fixture.Configuration = static () => ConfigurationFile.Parse("{"u8, "config.json");
        Assert.Equal(1, (await _fixture.Ask(Verb.Hosts)).ExitCode);
    }

    [Fact]
    public async Task A_verb_of_another_version_is_refused_by_its_number()
    {
        var reply = await _fixture.Ask((Verb)99, The.Host);

        Assert.Equal(1, reply.ExitCode);
        Assert.Equal("this daemon does not know request 99\n", reply.Out());
    }

    [Fact]
    public async Task Idle_exit_is_what_the_configuration_of_who_asked_last_says_and_twelve_hours_otherwise()
    {
        Assert.Equal(TimeSpan.FromHours(12), _fixture.Dispatcher.IdleExit());

        _fixture.Configuration = static () => DispatcherFixture.ConfigurationOf("\"idleExit\": \"PT0S\",");
        _ = await _fixture.Ask(Verb.List);
        Assert.Equal(TimeSpan.Zero, _fixture.Dispatcher.IdleExit());
    }

    private Task<string?> StateOf() => FieldOf("state");

    private async Task<string?> FieldOf(string name)
    {
        using var status = JsonDocument.Parse((await _fixture.Ask(Verb.Status)).Stdout);
        var entry = status.RootElement.GetProperty("entries")[0];
        if (entry.GetProperty("expiresAt").GetString() is { } expires)
        {
            Assert.True(
                DateTimeOffset.TryParseExact(
                    expires, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
                expires);
        }

        return entry.GetProperty(name).GetString();
    }
}
