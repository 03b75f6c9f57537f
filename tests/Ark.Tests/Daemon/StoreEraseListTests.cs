using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Handlers;
using Ark.Tests.Tokens;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class StoreEraseListTests : IDisposable
{
    private readonly DispatcherFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData($$"""{"ServerURL":"{{The.Host}}","Username":"AWS","Secret":"SENTINEL"}""")]
    [InlineData($$"""{"ServerURL":"https://{{The.Host}}","Username":"AWS","Secret":"SENTINEL"}""" + "\n")]
    [InlineData($$"""{"secret":"SENTINEL","username":"AWS","serverurl":"{{The.Host}}"}""")]
    public async Task Store_for_a_host_of_ours_is_silent_and_keeps_nothing(string json)
    {
        var reply = await _fixture.Ask(Verb.Store, json);

        Assert.Equal((0, "", ""), (reply.ExitCode, reply.Out(), reply.Error()));
        Assert.Empty(_fixture.Cache.Snapshot());
        Assert.Equal(0, _fixture.Source.Calls);
        Assert.DoesNotContain("SENTINEL", _fixture.Log.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"ServerURL":"ghcr.io","Username":"me","Secret":"SENTINEL"}""", "ghcr.io is not configured in ark; nothing was stored")]
    [InlineData("""{"ServerURL":"","Username":"me","Secret":"SENTINEL"}""", "no credentials server URL")]
    [InlineData("""{"Username":"me","Secret":"SENTINEL"}""", "no credentials server URL")]
    [InlineData("""{"ServerURL":"ghcr.io","Username":"","Secret":"SENTINEL"}""", "no credentials username")]
    [InlineData("""{"ServerURL":"ghcr.io","Username":"me","Secret":"SENTINEL"}}""", "")]
    [InlineData("not json SENTINEL", "")]
    [InlineData("", "")]
    public async Task Store_of_anything_else_is_refused_without_a_word_of_the_secret(string json, string begins)
    {
        var reply = await _fixture.Ask(Verb.Store, json);

        Assert.Equal(1, reply.ExitCode);
        Assert.StartsWith(begins, reply.Out(), StringComparison.Ordinal);
        Assert.NotEqual(DispatcherFixture.NotFound, reply.Out());
        Assert.DoesNotContain("SENTINEL", reply.Out() + reply.Error() + _fixture.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ghcr.io")]
    [InlineData("\0\r\n..")]
    [InlineData("")]
    [InlineData(The.Host)]
    public async Task Erase_never_fails_and_is_silent_while_the_configuration_is_valid(string host)
    {
        Assert.Equal((0, "", ""), Outcome(await _fixture.Ask(Verb.Erase, host)));

        _fixture.Configuration = static () => ConfigurationFile.Parse("{"u8, "config.json");
        Reply unknown = await _fixture.Ask(Verb.Erase, host);
        Assert.Equal((0, "", host.Length > 0), (unknown.ExitCode, unknown.Out(), unknown.Stderr.Length > 0));

        _fixture.Configuration = static () => throw new InvalidOperationException("a bug");
        Assert.Equal((0, "", ""), Outcome(await _fixture.Ask(Verb.Erase, host)));
    }

    [Fact]
    public async Task Erase_wipes_the_token_at_once_but_a_loop_of_erase_and_get_is_one_fetch_in_ten_seconds()
    {
        string first = (await _fixture.Ask(Verb.Get, The.Host)).Out();
        await _fixture.Ask(Verb.Erase, The.Host);
        string second = (await _fixture.Ask(Verb.Get, The.Host)).Out();
        Assert.NotEqual(first, second);

        await _fixture.Ask(Verb.Erase, The.Host);
        Task<Reply> third = _fixture.Ask(Verb.Get, The.Host);
        Assert.Equal((2, false), (_fixture.Source.Calls, third.IsCompleted));
        _fixture.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.NotEqual(second, (await third).Out());
        Assert.Equal(3, _fixture.Source.Calls);
    }

    [Fact]
    public async Task List_names_what_is_mapped_and_what_is_cached_without_any_call()
    {
        _fixture.Configuration = static () => DispatcherFixture.ConfigurationOf();
        Assert.Equal("{\"docker.example.com\":\"AWS\"}\n", (await _fixture.Ask(Verb.List)).Out());

        await _fixture.Ask(Verb.Get, The.Host);
        Assert.Equal($$"""{"{{The.Host}}":"AWS","docker.example.com":"AWS"}""" + "\n", (await _fixture.Ask(Verb.List, "unused")).Out());
        Assert.Equal(1, _fixture.Source.Calls);
    }

    [Fact]
    public async Task List_leaves_out_a_host_that_is_known_to_fail_until_it_works_again()
    {
        _fixture.Configuration = static () => DispatcherFixture.ConfigurationOf();
        _fixture.Source.Problem = Some.Problem(ProblemKind.LoginRequired);
        await _fixture.Ask(Verb.Get, DispatcherFixture.Configured);
        Assert.Equal("{}\n", (await _fixture.Ask(Verb.List)).Out());

        _fixture.Source.Problem = null;
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await _fixture.Ask(Verb.Get, DispatcherFixture.Configured);
        Assert.Equal("{\"docker.example.com\":\"AWS\"}\n", (await _fixture.Ask(Verb.List)).Out());
    }

    [Fact]
    public async Task List_leaves_out_a_host_whose_profile_cannot_be_used_before_anybody_asked_for_it()
    {
        _fixture.Configuration = static () => DispatcherFixture.ConfigurationOf("", "docker.example.com", "broken.example.com");
        int looked = 0;
        _fixture.Sources = (_, _) => ++looked == 2
            ? new SourceOutcome.Failed(Some.Problem(ProblemKind.ProfileNotFound))
            : new SourceOutcome.Found(_fixture.Source);

        Assert.Equal("{\"docker.example.com\":\"AWS\"}\n", (await _fixture.Ask(Verb.List)).Out());
    }

    [Theory]
    [InlineData(The.Host, "AWS", 0)]
    [InlineData($"https://{The.Host}/v2/", "AWS", 0)]
    [InlineData(The.Host, "somebody", 1)]
    [InlineData("docker.example.com", "AWS", 1)]
    public async Task A_token_of_ECR_is_saved_nowhere_and_never_refused_whatever_is_wrong(string server, string user, int exitCode)
    {
        string json = $$"""{"ServerURL":"{{server}}","Username":"{{user}}","Secret":"SENTINEL"}""";
        _fixture.Configuration = static () => ConfigurationFile.Parse("{"u8, "config.json");

        Assert.Equal(exitCode, (await _fixture.Ask(Verb.Store, json)).ExitCode);
    }

    [Fact]
    public async Task A_token_of_ECR_may_be_saved_where_several_organizations_could_answer()
    {
        _fixture.Configuration = static () => ConfigurationFile.Parse(
            """
            { "organizations": [
              { "name": "a", "registries": [{ "hosts": ["docker.example.com"],
                "source": { "type": "ecr", "profile": "a", "accountId": "123456789012", "region": "eu-west-1" } }] },
              { "name": "b", "registries": [{ "hosts": ["docker.example.com"],
                "source": { "type": "ecr", "profile": "b", "accountId": "123456789012", "region": "eu-west-1" } }] }] }
            """u8.ToArray(),
            "config.json");

        Reply saved = await _fixture.Ask(Verb.Store, """{"ServerURL":"docker.example.com","Username":"AWS","Secret":"SENTINEL"}""");
        Reply refused = await _fixture.Ask(Verb.Store, """{"ServerURL":"docker.example.com","Username":"me","Secret":"SENTINEL"}""");

        Assert.Equal((0, 1), (saved.ExitCode, refused.ExitCode));
    }

    [Theory]
    [InlineData("python3.13", true)]
    [InlineData("python", true)]
    [InlineData("pypy3", true)]
    [InlineData("docker", false)]
    [InlineData("ipython-like", false)]
    [InlineData(null, false)]
    public void A_client_that_gives_up_everything_is_known_by_its_program(string? program, bool isOne) =>
        Assert.Equal(isOne, SweepingClient.IsPython(program));

    [Theory]
    [InlineData("docker build .", true)]
    [InlineData("docker image build -t app .", true)]
    [InlineData("docker -H unix:///run/build.sock --debug --context build builder build .", true)]
    [InlineData("docker --context=other build .", true)]
    [InlineData("docker pull build", false)]
    [InlineData("docker --context build pull app", false)]
    [InlineData("docker run app build", false)]
    [InlineData("docker image", false)]
    [InlineData("docker -H", false)]
    [InlineData("docker", false)]
    [InlineData("", false)]
    public void A_build_is_known_by_dockers_command_and_by_no_other_word(string arguments, bool isBuild) =>
        Assert.Equal(isBuild, SweepingClient.IsBuild(arguments.Split(' ')));

    [Fact]
    public async Task List_keeps_a_host_whose_refresh_failed_while_its_token_is_good()
    {
        _fixture.Configuration = static () => DispatcherFixture.ConfigurationOf();
        await _fixture.Ask(Verb.Get, DispatcherFixture.Configured);
        _fixture.Source.Problem = Some.Problem(ProblemKind.Unreachable);
        _fixture.Clock.Advance(The.HalfLife + TimeSpan.FromHours(1));
        await _fixture.Ask(Verb.Get, DispatcherFixture.Configured);
        await _fixture.Cache.CompletedAsync();
        Assert.Equal(TokenState.Failing, Assert.Single(_fixture.Cache.Snapshot()).State);

        Assert.Equal("{\"docker.example.com\":\"AWS\"}\n", (await _fixture.Ask(Verb.List)).Out());
    }

    [Fact]
    public async Task List_forgets_a_host_with_the_configuration_that_named_it()
    {
        _fixture.Configuration = static () => DispatcherFixture.ConfigurationOf();
        await _fixture.Ask(Verb.Get, DispatcherFixture.Configured);

        _fixture.Configuration = static () => new ConfigurationOutcome.Loaded(ArkConfiguration.Empty);
        Assert.Equal("{}\n", (await _fixture.Ask(Verb.List)).Out());

        _fixture.Configuration = static () => ConfigurationFile.Parse("{"u8, "config.json");
        Assert.Equal("{}\n", (await _fixture.Ask(Verb.List)).Out());
    }

    private static (int, string, string) Outcome(Reply reply) => (reply.ExitCode, reply.Out(), reply.Error());
}
