using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class CommandTests : IDisposable
{
    private const string Running = """{"daemon":{"pid":4711,"version":"0.1.0","uptimeSeconds":5,"requests":1},"entries":[]}""";

    private const string Described = $$"""
        {"host":"{{The.Host}}","repository":null,"tag":null,"digest":null,"organization":null,"repositoryPrefix":null,
        "username":"AWS","secret":"{{The.Password}}","expiresAt":"2026-01-02T23:58:00Z"}
        """;

    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public void Token_passes_on_what_the_daemon_says_and_adds_nothing()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says($"{The.Password}\n", "ark: warning: soon\n");
        Assert.Equal(0, _user.Run("token", $"{The.Host}/app:1"));
        Assert.Equal(($"{The.Password}\n", "ark: warning: soon\n"), (_user.Out, _user.Error));
        Assert.Equal([(Verb.Token, $"{The.Host}/app:1", StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    [Fact]
    public void Token_says_how_long_it_lives_where_a_person_reads_it_or_when_told()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(Described);
        Assert.Equal(0, _user.Run("token", The.Host, "--verbose"));
        Assert.Equal(($"{The.Password}\n", "ark: note: the password is good until 2026-01-02T23:58:00Z, for another 11 h 58 min\n"), (_user.Out, _user.Error));
        _user.ErrorIsTerminal = true;
        Assert.Equal(0, _user.Run("token", The.Host));
        Assert.Equal(($"{The.Password}\n", "ark: note: the password is good until 2026-01-02T23:58:00Z, for another 11 h 58 min\n"), (_user.Out, _user.Error));
        Assert.All(_user.Daemon.RequestContext, asked => Assert.Equal((Verb.Describe, The.Host, StartMode.StartIfAbsent), asked));
    }

    [Fact]
    public void Token_as_JSON_has_user_name_password_and_lifetime()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(Described);
        Assert.Equal(0, _user.Run("token", The.Host, "--json"));
        Assert.Equal($$"""{"username":"AWS","secret":"{{The.Password}}","expiresAt":"2026-01-02T23:58:00+00:00","expiresInSeconds":43080}""" + "\n", _user.Out);

        _user.Daemon.Answer = (_, _) => FakeDaemon.Says($$"""{"host":"h","username":"me","secret":"{{The.Password}}","expiresAt":null}""");
        Assert.Equal(0, _user.Run("token", "h", "--json"));
        Assert.Equal($$"""{"username":"me","secret":"{{The.Password}}","expiresAt":null,"expiresInSeconds":null}""" + "\n", _user.Out);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--verbose")]
    public void Token_that_cannot_be_read_is_never_shown(string option)
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says($$"""{"secret":"{{The.Password}}",oops""");
        Assert.Equal(1, _user.Run("token", The.Host, option));
        Assert.Equal(("", "ark: error: the daemon's credentials cannot be read\nark: hint: restart it with ark daemon restart\n"), (_user.Out, _user.Error));
    }

    [Theory]
    [InlineData("the session has expired\n", "ark: error: the session has expired\nark: hint: log in\n", "ark: error: the session has expired\nark: hint: log in\n")]
    [InlineData("credentials not found in native keychain\n", "", "ark: error: ghcr.io is not a registry that ark serves\nark: hint: name an ECR registry, or bind this one to an organization in the configuration\n")]
    public void Token_writes_nothing_where_a_password_is_expected_when_there_is_none(string stdout, string stderr, string expected)
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(stdout, stderr, 1);
        Assert.Equal(1, _user.Run("token", "ghcr.io"));
        Assert.Equal(("", expected), (_user.Out, _user.Error));
    }

    [Fact]
    public void Token_tells_why_where_a_helper_would_only_say_not_found()
    {
        _user.Daemon.Answer = (verb, _) => verb == Verb.Token
            ? FakeDaemon.Says("credentials not found in native keychain\n", "ark: note: several organizations\n", 1)
            : FakeDaemon.Says("several organizations\n", "ark: error: several organizations\nark: hint: ark use one\n", 1);
        Assert.Equal(1, _user.Run("token", The.Host));
        Assert.Equal(("", "ark: error: several organizations\nark: hint: ark use one\n"), (_user.Out, _user.Error));
    }

    [Fact]
    public void Exit_codes_are_0_or_1_whatever_the_daemon_says()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("", "ark: error: no\n", 3);
        Assert.Equal(1, _user.Run("token", The.Host));
        Assert.Equal(1, _user.Run("refresh", The.Host));
    }

    [Fact]
    public void A_daemon_that_cannot_be_asked_is_told_with_what_to_do()
    {
        _user.Daemon.Answer = (_, _) => new AskResult.Failed("the directory is not yours", "chown it");
        foreach (var arguments in new string[][] { ["token", "h"], ["refresh"], ["status"], ["daemon", "start"], ["daemon", "stop"], ["setup"] })
        {
            Assert.Equal(1, _user.Run(arguments));
            Assert.Equal("ark: error: the directory is not yours\nark: hint: chown it\n", _user.Error);
        }
    }

    [Fact]
    public void Refresh_of_one_host_starts_a_daemon_and_of_all_does_not()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("refreshed\n");
        Assert.Equal(0, _user.Run("refresh", The.Host));
        Assert.Equal(0, _user.Run("refresh"));
        Assert.Equal([(Verb.Refresh, The.Host, StartMode.StartIfAbsent), (Verb.Refresh, "", StartMode.OnlyIfRunning)], _user.Daemon.RequestContext);
        Assert.Equal("refreshed\n", _user.Out);

        _user.Daemon.Answer = (_, _) => new AskResult.Absent();
        Assert.Equal(0, _user.Run("refresh"));
        Assert.Equal("no daemon is running, so there is no token to refresh\n", _user.Out);
    }

    [Theory]
    [InlineData("refresh")]
    [InlineData("use", "acme")]
    [InlineData("org", "validate")]
    public void What_the_daemon_says_on_both_streams_is_told_once(params string[] arguments)
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("refreshed a\nexpired\nrefreshed b\n", "ark: error: expired\nark: hint: log in\n", 1);
        Assert.Equal(1, _user.Run(arguments));
        Assert.Equal(("refreshed a\nrefreshed b\n", "ark: error: expired\nark: hint: log in\n"), (_user.Out, _user.Error));
    }

    [Fact]
    public void Start_tells_the_process()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(Running);
        Assert.Equal(0, _user.Run("daemon", "start"));
        Assert.Equal("arkd 0.1.0 is running, pid 4711\n", _user.Out);
        Assert.Equal([(Verb.Status, "", StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    [Fact]
    public void Start_that_got_only_a_one_shot_answer_has_failed()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("""{"daemon":null,"entries":[]}""");
        Assert.Equal(1, _user.Run("daemon", "start"));
        Assert.StartsWith("ark: error: the daemon could not be started\n", _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Stop_lets_a_running_daemon_leave_and_is_content_with_none()
    {
        Assert.Equal(0, _user.Run("daemon", "stop"));
        Assert.Equal(("no daemon was running\n", 0), (_user.Out, _user.Daemon.TimesLeft));

        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(Running);
        Assert.Equal(0, _user.Run("daemon", "stop"));
        Assert.Equal(("arkd has left (pid 4711)\n", 1), (_user.Out, _user.Daemon.TimesLeft));

        _user.Daemon.Leaves = false;
        Assert.Equal(1, _user.Run("daemon", "stop"));
        Assert.Equal("ark: error: the daemon did not leave (pid 4711)\nark: hint: kill 4711\n", _user.Error);
    }

    [Fact]
    public void Restart_stops_and_starts_and_does_not_start_what_would_not_stop()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(Running);
        Assert.Equal(0, _user.Run("daemon", "restart"));
        Assert.Equal([StartMode.OnlyIfRunning, StartMode.StartIfAbsent], _user.Daemon.RequestContext.Select(asked => asked.Start));

        _user.Daemon.Leaves = false;
        _user.Daemon.RequestContext.Clear();
        Assert.Equal(1, _user.Run("daemon", "restart"));
        Assert.Single(_user.Daemon.RequestContext);
    }

    [Fact]
    public void Run_passes_further_arguments_on()
    {
        Assert.Equal(0, _user.Run("daemon", "run", "--idle", "0", "--", "-x"));
        Assert.Equal(["--idle", "0", "-x"], _user.DaemonArguments);
    }

    [Theory]
    [InlineData("ark --help", "frobnicate")]
    [InlineData("ark status --help", "status", "--frobnicate")]
    [InlineData("ark token --help", "token")]
    [InlineData("ark token --help", "token", "a", "b")]
    [InlineData("ark daemon --help", "daemon")]
    [InlineData("ark daemon stop --help", "daemon", "stop", "now")]
    [InlineData("ark setup --help", "setup", "--host")]
    [InlineData("ark show --help", "show", "image", "--format", "xml")]
    [InlineData("ark export --help", "export", "host")]
    [InlineData("ark org --help", "org")]
    [InlineData("ark repo create --help", "repo", "create", "app")]
    [InlineData("ark repo delete --help", "repo", "delete", "a", "b", "--organization", "o")]
    [InlineData("ark repo url --help", "repo", "url", "--organization", "o")]
    public void A_mistyped_command_is_told_in_one_line_with_the_help_to_read(string hint, params string[] arguments)
    {
        Assert.Equal(1, _user.Run(arguments));
        Assert.Equal("", _user.Out);
        Assert.Matches($"^ark: error: [a-z][^\n]*[^.\n]\nark: hint: {hint}\n$", _user.Error);
        Assert.Empty(_user.Daemon.RequestContext);
    }

    [Fact]
    public void An_argument_that_begins_with_an_at_sign_is_not_a_file_to_read()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("");
        Assert.Equal(0, _user.Run("token", "@/etc/hostname"));
        Assert.Equal("@/etc/hostname", _user.Daemon.RequestContext.Single().Payload);
    }

    [Fact]
    public void The_version_is_one_line()
    {
        Assert.Equal(0, _user.Run("--version"));
        Assert.Equal("ark 0.1.0\n", _user.Out);
    }

    [Fact]
    public void Help_names_every_environment_variable_and_command()
    {
        foreach (var arguments in new string[][] { [], ["--help"], ["-h"] })
        {
            Assert.Equal(0, _user.Run(arguments));
            foreach (var word in new[]
            {
                "ARK_CONFIG", "ARK_RUNTIME_DIR", "ARK_ORGANIZATION", "ARK_LOG", "ARK_DAEMON", "Examples:",
                "status", "token", "refresh", "show", "export", "push", "org", "use", "init", "repo", "setup", "daemon",
            })
            {
                Assert.Contains(word, _user.Out, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("status")]
    [InlineData("token")]
    [InlineData("refresh")]
    [InlineData("setup")]
    [InlineData("daemon")]
    [InlineData("push")]
    [InlineData("push kura")]
    [InlineData("daemon run")]
    [InlineData("daemon start")]
    [InlineData("daemon stop")]
    [InlineData("daemon restart")]
    [InlineData("show")]
    [InlineData("export")]
    [InlineData("org")]
    [InlineData("org list")]
    [InlineData("org show")]
    [InlineData("org validate")]
    [InlineData("use")]
    [InlineData("init")]
    [InlineData("repo")]
    [InlineData("repo list")]
    [InlineData("repo create")]
    [InlineData("repo url")]
    [InlineData("repo delete")]
    public void Every_command_teaches_by_example(string command)
    {
        Assert.Equal(0, _user.Run([.. command.Split(' '), "--help"]));
        Assert.Matches($"Examples?:\n  (ARK_LOG=debug )?ark {command}", _user.Out);
        Assert.Empty(_user.Daemon.RequestContext);
    }
}
