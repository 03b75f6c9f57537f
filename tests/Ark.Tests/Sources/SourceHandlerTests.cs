using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Sources;
using Ark.Tests.Daemon;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Sources;

/// <summary>The verbs at hosts that other programs answer for, through the cache.</summary>
public sealed class SourceHandlerTests : IDisposable
{
    private const string Pass = "docker-credential-pass";

    /// <summary>A store in a file: what is stored is what is answered.</summary>
    private const string Store = """
        f="$HOME/kept"
        case "$1" in
            get) [ -f "$f" ] && cat "$f" || { echo 'credentials not found in native keychain'; exit 1; } ;;
            store) tail -n 1 "$HOME/docker-credential-pass.stdin" | sed "s/^[^{]*//" > "$f" ;;
            erase) rm -f "$f"; echo gone ;;
        esac
        """;

    private readonly SourceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task One_answer_serves_everybody_until_its_time_is_over()
    {
        Bind(TimeSpan.FromMinutes(1));
        _fixture.Program(Pass, """echo '{"Username":"me","Secret":"SENTINEL"}'""");

        for (int i = 0; i < 5; i++)
        {
            Reply reply = await _fixture.Ask(Verb.Get, SourceFixture.Host);
            Assert.Equal($$"""{"ServerURL":"{{SourceFixture.Host}}","Username":"me","Secret":"SENTINEL"}""" + "\n", reply.Out());
            Assert.Empty(reply.Stderr);
            _fixture.Clock.Advance(TimeSpan.FromSeconds(11.9));
        }

        Assert.Equal(1, _fixture.Runs(Pass));
        _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await _fixture.Ask(Verb.Get, SourceFixture.Host);
        Assert.Equal(2, _fixture.Runs(Pass));
        Assert.DoesNotContain("SENTINEL", _fixture.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_no_lifetime_it_is_asked_each_time_and_nothing_is_kept()
    {
        Bind(TimeSpan.Zero);
        _fixture.Program(Pass, """echo '{"Username":"me","Secret":"SENTINEL"}'""");

        Assert.Equal(0, (await _fixture.Ask(Verb.Get, SourceFixture.Host)).ExitCode);
        Assert.Equal(0, (await _fixture.Ask(Verb.Get, SourceFixture.Host)).ExitCode);
        Assert.Equal($"refreshed {SourceFixture.Host}\n", (await _fixture.Ask(Verb.Refresh, SourceFixture.Host)).Out());

        Assert.Equal(3, _fixture.Runs(Pass));
        Assert.Empty(_fixture.Cache.Snapshot());
    }

    [Fact]
    public async Task With_no_lifetime_a_failure_is_not_kept_either()
    {
        Bind(TimeSpan.Zero);
        _fixture.Program(Pass, Store);

        Assert.Equal(SourceFixture.NotFound, (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out());
        Assert.Equal(SourceFixture.NotFound, (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out());

        Assert.Equal(2, _fixture.Runs(Pass));
    }

    [Fact]
    public async Task What_docker_login_saves_is_there_at_once_and_gone_at_once_after_logout()
    {
        Bind(TimeSpan.FromMinutes(1));
        _fixture.Program(Pass, Store);
        string one = $$"""{"ServerURL":"{{SourceFixture.Host}}","Username":"me","Secret":"SENTINEL-1"}""" + "\n";
        string two = one.Replace("SENTINEL-1", "SENTINEL-2", StringComparison.Ordinal);

        Assert.Equal(SourceFixture.NotFound, (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out());
        Assert.Equal((0, ""), Outcome(await _fixture.Ask(Verb.Store, one)));
        Assert.Equal(one, (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out());
        await _fixture.Ask(Verb.Store, two);
        Assert.Equal(two, (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out());
        Assert.Equal((0, "gone\n"), Outcome(await _fixture.Ask(Verb.Erase, $"https://{SourceFixture.Host}")));
        Assert.Equal(SourceFixture.NotFound, (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out());

        Assert.EndsWith($"https://{SourceFixture.Host}{SourceFixture.Host}", _fixture.Record(Pass, "stdin"), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "SENTINEL", _fixture.Log + _fixture.Record(Pass, "argv") + _fixture.Record(Pass, "env"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("a \"quoted\" + kéy")]
    public async Task What_is_kept_under_another_key_is_saved_and_erased_under_it(string server)
    {
        _fixture.Configuration = SourceFixture.ConfigurationOf(
            null, (SourceFixture.Host, new HelperSource("pass", server, TimeSpan.FromMinutes(1))));
        _fixture.Program(Pass, Store);

        await _fixture.Ask(
            Verb.Store, $$"""{ "Secret":"SENTINEL\u003c", "serverURL" : "https://{{SourceFixture.Host}}/v1/" ,"Username":"m\u00e4"}""");

        string written = server.Replace("\"", "\\\"", StringComparison.Ordinal);
        Assert.Equal(
            $$"""{ "Secret":"SENTINEL\u003c", "serverURL" : "{{written}}" ,"Username":"m\u00e4"}""", _fixture.Record(Pass, "stdin"));
        Assert.Equal(
            $$"""{"ServerURL":"{{SourceFixture.Host}}","Username":"mä","Secret":"SENTINEL<"}""" + "\n",
            (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out());
        Assert.Equal((0, "gone\n"), Outcome(await _fixture.Ask(Verb.Erase, SourceFixture.Host)));
        Assert.EndsWith($"{server}{server}", _fixture.Record(Pass, "stdin"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_helper_that_cannot_save_fails()
    {
        Bind(TimeSpan.FromMinutes(1));
        _fixture.Program(Pass, "echo locked; exit 9");

        Assert.Equal(
            (1, "locked\n"),
            Outcome(await _fixture.Ask(Verb.Store, $$"""{"ServerURL":"{{SourceFixture.Host}}","Username":"me","Secret":"SENTINEL"}""")));
    }

    [Theory]
    [InlineData("echo; echo locked; echo more; exit 9", "locked")]
    [InlineData("echo '{\"Secret\":\"SENTINEL\"}'; exit 1", "docker-credential-pass failed")]
    [InlineData("echo SENTINEL >&2; exit 1", "docker-credential-pass failed")]
    [InlineData(null, "the program docker-credential-pass is not on the daemon's PATH")]
    [InlineData("echo 'credentials not found in native keychain'; exit 1", null)]
    public async Task A_helper_that_cannot_erase_is_a_success_with_a_warning(string? script, string? why)
    {
        Bind(TimeSpan.FromMinutes(1));
        if (script is not null)
        {
            _fixture.Program(Pass, script);
        }

        Reply reply = await _fixture.Ask(Verb.Erase, $"https://{SourceFixture.Host}/v1/");

        Assert.Equal((0, ""), Outcome(reply));
        Assert.Equal(why is null ? "" : $"ark: warning: the credentials for {SourceFixture.Host} were not erased: {why}\n", reply.Error());
    }

    [Theory]
    [InlineData("static")]
    [InlineData("command")]
    public async Task At_other_sources_saving_is_silent_and_keeps_nothing(string type)
    {
        var arguments = new ValueList<string>(["tool"]);
        _fixture.Program("tool", "echo SENTINEL");
        _fixture.Configuration = SourceFixture.ConfigurationOf(null, (SourceFixture.Host, type == "static"
            ? new StaticSource("me", new SecretReference.Command(arguments))
            : new CommandSource(arguments, "me", TimeSpan.FromMinutes(1))));

        Assert.Equal(
            (0, ""), Outcome(await _fixture.Ask(Verb.Store, $$"""{"ServerURL":"{{SourceFixture.Host}}","Username":"me","Secret":"x"}""")));
        Assert.Equal((0, ""), Outcome(await _fixture.Ask(Verb.Erase, SourceFixture.Host)));
        Assert.Equal(0, _fixture.Runs("tool"));
    }

    [Fact]
    public async Task List_names_a_host_whose_user_is_known_or_was_found_out()
    {
        _fixture.Configuration = SourceFixture.ConfigurationOf(
            null,
            (SourceFixture.Host, new HelperSource("pass", null, TimeSpan.FromMinutes(1))),
            ("static.example.com", new StaticSource("robot$me", new SecretReference.File("~/x"))));
        _fixture.Program(Pass, """echo '{"Username":"me","Secret":"SENTINEL"}'""");
        Assert.Equal("""{"static.example.com":"robot$me"}""" + "\n", (await _fixture.Ask(Verb.List)).Out());

        await _fixture.Ask(Verb.Get, SourceFixture.Host);

        Assert.Equal($$"""{"{{SourceFixture.Host}}":"me","static.example.com":"robot$me"}""" + "\n", (await _fixture.Ask(Verb.List)).Out());
        Assert.Equal(1, _fixture.Runs(Pass));
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task A_request_that_comes_back_from_a_program_does_not_run_it_again(RegistrySource source)
    {
        _fixture.Configuration = SourceFixture.ConfigurationOf(null, (SourceFixture.Host, source));
        _fixture.Variables["ARK_CHAIN"] = "1";

        Reply reply = await _fixture.Ask(Verb.Get, SourceFixture.Host);

        Assert.Equal(SourceFixture.NotFound, reply.Out());
        Assert.StartsWith("ark: note: going on without credentials, since this would be a loop", reply.Error(), StringComparison.Ordinal);
        Assert.Single(reply.Error(), '\n');
        Assert.Equal(0, _fixture.Runs("tool"));
    }

    public static TheoryData<RegistrySource> Loops()
    {
        var tool = new ValueList<string>(["tool"]);
        return
        [
            new HelperSource("pass", null, TimeSpan.Zero),
            new CommandSource(tool, "me", TimeSpan.Zero),
            new StaticSource("me", new SecretReference.Helper("pass", "x")),
            new StaticSource("me", new SecretReference.Command(tool)),
            new OAuthSource(
                "https://x.example.com", new ValueList<FormField>([]), "s", new SecretReference.Command(tool), null, "me", TimeSpan.Zero),
        ];
    }

    [Fact]
    public async Task A_secret_in_a_file_needs_no_program_and_is_no_loop()
    {
        _fixture.Home.Write("x", "SENTINEL");
        _fixture.Configuration = SourceFixture.ConfigurationOf(
            null, (SourceFixture.Host, new StaticSource("me", new SecretReference.File("~/x"))));
        _fixture.Variables["ARK_CHAIN"] = "1";

        Assert.Equal(0, (await _fixture.Ask(Verb.Get, SourceFixture.Host)).ExitCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(300)]
    [InlineData(43200)]
    public async Task A_secret_is_served_however_short_it_is_kept(int seconds)
    {
        _fixture.Program("tool", "echo SENTINEL");
        _fixture.Configuration = SourceFixture.ConfigurationOf(
            null, (SourceFixture.Host, new CommandSource(new ValueList<string>(["tool"]), "me", TimeSpan.FromSeconds(seconds))));

        Reply reply = await _fixture.Ask(Verb.Get, SourceFixture.Host);

        Assert.Equal((0, ""), (reply.ExitCode, reply.Error()));
    }

    [Fact]
    public void What_has_a_life_of_its_own_is_renewed_ahead_and_what_is_only_kept_is_not()
    {
        static RefreshPolicy Of(RegistrySource source) => RegistrySources.PolicyOf(SourceFixture.Bound(source));
        var tool = new ValueList<string>(["tool"]);

        Assert.Equal(RefreshPolicy.ToTheEnd, Of(new HelperSource("pass", null, TimeSpan.FromMinutes(1))));
        Assert.Equal(RefreshPolicy.Unkept, Of(new HelperSource("pass", null, TimeSpan.Zero)));
        Assert.Equal(RefreshPolicy.Unkept, Of(new CommandSource(tool, null, TimeSpan.Zero)));
        Assert.Equal(RefreshPolicy.ToTheEnd, Of(new StaticSource(null, new SecretReference.Command(tool))));
        Assert.Equal(new RefreshPolicy(0.5, TimeSpan.FromSeconds(30)), Of(new CommandSource(tool, null, TimeSpan.FromMinutes(5))));
        Assert.Equal(new RefreshPolicy(0.5, TimeSpan.FromMinutes(1)), Of(new CommandSource(tool, null, TimeSpan.FromHours(5))));
    }

    private static (int, string) Outcome(Reply reply) => (reply.ExitCode, reply.Out());

    private void Bind(TimeSpan lifetime) =>
        _fixture.Configuration = SourceFixture.ConfigurationOf(null, (SourceFixture.Host, new HelperSource("pass", null, lifetime)));
}
