using System.Runtime.Versioning;
using System.Text;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Sources;
using Ark.Tests.Wire;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Sources;

[UnsupportedOSPlatform("windows")]
public sealed class HelperSourceTests : IDisposable
{
    private const string Answer = """printf '%s\n' '{"ServerURL":"x","Username":"me","Secret":"SENTINEL-\u00e4+\n"}'""";

    private static readonly HelperSource Pass = new("pass", null, TimeSpan.FromMinutes(1));

    private readonly SourceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task It_is_asked_as_docker_asks_and_what_it_answers_is_kept_for_its_time()
    {
        _fixture.Program("docker-credential-pass", Answer);

        Assert.Equal(("me", "SENTINEL-ä+\n", TimeSpan.FromMinutes(1)), await _fixture.FetchAsync(Pass));
        Assert.Equal(
            ("get\n", SourceFixture.Host),
            (_fixture.Record("docker-credential-pass", "argv"), _fixture.Record("docker-credential-pass", "stdin")));
    }

    [Fact]
    public async Task It_can_be_asked_for_another_key_and_be_named_by_its_path()
    {
        string path = _fixture.Program("my-helper", Answer, "elsewhere");

        await _fixture.FetchAsync(new HelperSource(path, "https://index.docker.io/v1/", TimeSpan.Zero));

        Assert.Equal("https://index.docker.io/v1/", _fixture.Record("my-helper", "stdin"));
    }

    [Theory]
    [InlineData("ark", "pass")]
    [InlineData("home/.local/bin", "pass")]
    public async Task It_is_also_found_beside_the_daemon_and_in_the_callers_own_folder(string folder, string name)
    {
        string path = _fixture.Program($"docker-credential-{name}", Answer, folder == "ark" ? "tmp" : ".local/bin");
        if (folder == "ark")
        {
            File.Move(path, Path.Combine(_fixture.OwnDirectory, $"docker-credential-{name}"));
        }

        Assert.Equal("me", (await _fixture.FetchAsync(Pass)).Username);
    }

    [Theory]
    [InlineData("echo 'credentials not found in native keychain'; exit 1")]
    [InlineData("printf 'credentials not found in native keychain'; exit 1")]
    [InlineData("printf ' credentials not found in native keychain\\r\\n'; exit 3")]
    [InlineData("""echo '{"ServerURL":"","Username":"","Secret":""}'""")]
    public async Task What_it_does_not_have_is_not_stored(string script)
    {
        _fixture.Program("docker-credential-pass", script);

        Assert.Equal(ProblemKind.NotStored, (await _fixture.FailAsync(Pass)).Kind);
    }

    [Theory]
    [InlineData("echo 'the keyring is locked'; echo more; exit 1", ProblemKind.NoCredentials, "exit code 1: the keyring is locked")]
    [InlineData("echo >&2; echo 'no bus' >&2; exit 4", ProblemKind.NoCredentials, "exit code 4: no bus")]
    [InlineData("printf 'a\\033[31mb\\342\\200\\256c'; exit 1", ProblemKind.NoCredentials, "a\\u001b[31mb\\u202ec")]
    [InlineData("echo 'credentials not found in native keychain: pass is locked'; exit 1", ProblemKind.NoCredentials, "pass is locked")]
    [InlineData(
        """echo '{"Username":"me","Secret":"SENTINEL"}'; echo failed >&2; exit 1""", ProblemKind.NoCredentials, "exit code 1: failed")]
    [InlineData("""echo '{"Username":"me","Secret":"SENTINEL"}'; exit 1""", ProblemKind.NoCredentials, "exit code 1")]
    [InlineData("""echo '{"Username":"me","Secret":"SENTINEL"}' >&2; exit 1""", ProblemKind.NoCredentials, "exit code 1")]
    [InlineData("""echo 'error: got {"Username":"me","Secret":"SENTINEL"}'; exit 1""", ProblemKind.NoCredentials, "exit code 1")]
    [InlineData("""echo 'error: got "SENTINEL"' >&2; exit 1""", ProblemKind.NoCredentials, "exit code 1")]
    [InlineData("""echo 'got "SENTINEL"'; echo failed >&2; exit 1""", ProblemKind.NoCredentials, "exit code 1: failed")]
    [InlineData("echo SENTINEL", ProblemKind.BadAnswer, "not docker's JSON")]
    [InlineData("""echo '{"Username":"me","Secret":""}'""", ProblemKind.BadAnswer, "not docker's JSON")]
    [InlineData("""echo '{"Username":"me","Secret":"SENTINEL"} SENTINEL'""", ProblemKind.BadAnswer, "not docker's JSON")]
    [InlineData("""echo '{"Username":"","Secret":"SENTINEL"}'""", ProblemKind.BadAnswer, "no username")]
    [InlineData("""printf '%s\n' '{"Username":"me","Secret":"SENTINEL\u0000"}'""", ProblemKind.BadAnswer, "control characters")]
    [InlineData("""printf '%s\n' '{"Username":"me\n","Secret":"SENTINEL"}'""", ProblemKind.BadAnswer, "control characters")]
    [InlineData("yes SENTINEL", ProblemKind.BadAnswer, "64 KiB")]
    public async Task What_goes_wrong_is_told_with_its_name_and_without_secrets(string script, ProblemKind kind, string why)
    {
        _fixture.Program("docker-credential-pass", script);

        Problem problem = await _fixture.FailAsync(Pass);

        Assert.Equal(kind, problem.Kind);
        Assert.Contains("docker-credential-pass", problem.Message, StringComparison.Ordinal);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_says_is_cut_where_it_gets_long()
    {
        _fixture.Program("docker-credential-pass", "head -c 5000 /dev/zero | tr '\\0' x; exit 1");

        Problem problem = await _fixture.FailAsync(Pass);

        Assert.EndsWith(": " + new string('x', 200) + "…", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere", "not on the daemon's PATH")]
    [InlineData("/nowhere/at/all", "cannot be started")]
    public async Task One_that_is_not_there_is_a_mistake_in_the_configuration(string program, string why)
    {
        Problem problem = await _fixture.FailAsync(new HelperSource(program, null, TimeSpan.Zero));

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_waits_for_somebody_is_ended()
    {
        _fixture.Program("docker-credential-pass", "exec sleep 1000");
        Task<FetchOutcome> fetch = _fixture.Found(Pass).FetchAsync(TestContext.Current.CancellationToken);

        await _fixture.Clock.TimersSet(1);
        _fixture.Clock.Advance(SourceProcessRunner.Limit);

        Assert.Contains(
            "did not end within 19 seconds", Assert.IsType<FetchOutcome.Failed>(await fetch).Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_too_many_at_once_has_no_turn_while_the_others_run()
    {
        _fixture.Program("docker-credential-pass", "exec sleep 1000");
        Task<FetchOutcome>[] fetches =
            [.. Enumerable.Range(0, SourceProcessRunner.AtOnce + 1)
                .Select(_ => _fixture.Found(Pass).FetchAsync(TestContext.Current.CancellationToken))];

        await _fixture.Clock.TimersSet(fetches.Length);
        _fixture.Clock.Advance(SourceProcessRunner.Limit);

        string[] problems =
            [.. (await Task.WhenAll(fetches)).Select(outcome => Assert.IsType<FetchOutcome.Failed>(outcome).Problem.Message)];
        Assert.All(problems[..^1], problem => Assert.Contains("did not end", problem, StringComparison.Ordinal));
        Assert.Contains(
            "too many programs are running, so that the program docker-credential-pass had no turn",
            problems[^1],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_waited_for_its_turn_gets_it_when_another_ends()
    {
        _fixture.Program("docker-credential-pass", "exec sleep 1000");
        _fixture.Program("docker-credential-quick", Answer);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<FetchOutcome>[] running =
            [.. Enumerable.Range(0, SourceProcessRunner.AtOnce).Select(_ => _fixture.Found(Pass).FetchAsync(enough.Token))];
        Task<(string Username, string, TimeSpan)> waiting = _fixture.FetchAsync(Pass with { Program = "quick" });
        Assert.Equal(0, _fixture.Runs("docker-credential-quick"));

        await enough.CancelAsync();

        Assert.Equal("me", (await waiting).Username);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(running));
    }

    [Fact]
    public async Task It_gets_the_callers_home_and_stores_and_nothing_of_an_AWS_identity()
    {
        _fixture.Program("docker-credential-pass", Answer);
        string[] names =
            ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY", "GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_DIR"];
        foreach (string name in names)
        {
            bool isDirectory = name is "XDG_RUNTIME_DIR" or "GNUPGHOME" or "PASSWORD_STORE_DIR";
            _fixture.Variables[name] =
                isDirectory ? Path.GetDirectoryName(_fixture.Home.Write($"of-the-caller-{name}/file", ""))! : $"of-the-caller-{name}";
        }

        _fixture.Variables["AWS_SECRET_ACCESS_KEY"] = "SENTINEL-key";
        _fixture.Variables["ARK_ORGANIZATION"] = "tbd";

        await _fixture.FetchAsync(Pass);

        string[] environment = _fixture.Record("docker-credential-pass", "env").Split('\n');
        Assert.Equal(7, environment.Count(line => line.Contains("of-the-caller-", StringComparison.Ordinal)));
        Assert.Contains($"HOME={_fixture.Home.Home}", environment);
        Assert.Contains("ARK_CHAIN=1", environment);
        Assert.Contains($"PWD={_fixture.Home.Home}", environment);
        Assert.DoesNotContain(
            environment, line => line.StartsWith("AWS_", StringComparison.Ordinal) || line.Contains("SENTINEL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_that_others_can_write_runs_nothing_and_the_caller_is_told_once()
    {
        _fixture.Program("docker-credential-pass", Answer);
        _fixture.Configuration = SourceFixture.ConfigurationOf(null, (SourceFixture.Host, Pass));
        string store = Path.GetDirectoryName(_fixture.Home.Write("store/file", ""))!;
        _fixture.Variables["GNUPGHOME"] = store;
        File.SetUnixFileMode(store, (UnixFileMode)0x1FF);

        Reply first = await _fixture.Ask(Verb.Get, SourceFixture.Host), second = await _fixture.Ask(Verb.Get, SourceFixture.Host);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(
            $"ark: warning: GNUPGHOME is not used: {store} can be written by others (mode 777); close it with: chmod go-w {store}\n",
            Encoding.UTF8.GetString(first.Stderr));
        Assert.Empty(second.Stderr);
        Assert.DoesNotContain("GNUPGHOME", _fixture.Record("docker-credential-pass", "env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_root_another_users_stores_run_nothing()
    {
        Assert.SkipUnless(SomeDirectory.CanChangeOwners, "only root can give a directory to another user");
        _fixture.Program("docker-credential-pass", Answer);
        using var some = new SomeDirectory();
        foreach (string name in (string[])["GNUPGHOME", "PASSWORD_STORE_DIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"])
        {
            _fixture.Variables[name] = some.MakeForeign(name);
        }

        await _fixture.FetchAsync(Pass);

        Assert.DoesNotContain(some.Path, _fixture.Record("docker-credential-pass", "env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_whose_home_is_not_this_users_gets_the_daemons()
    {
        _fixture.Program("docker-credential-pass", Answer);
        _fixture.Variables["HOME"] = "relative";

        await _fixture.FetchAsync(Pass);

        Assert.Contains($"HOME={_fixture.DaemonHome.Home}\n", _fixture.Record("docker-credential-pass", "env"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ark")]
    [InlineData("ark-tbd")]
    [InlineData("ARK")]
    public async Task Ark_itself_is_never_run(string name)
    {
        _fixture.Program($"docker-credential-{name}", Answer);

        Problem problem = await _fixture.FailAsync(new HelperSource(name, null, TimeSpan.Zero));

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.Contains("ask itself", problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, _fixture.Runs($"docker-credential-{name}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nor_is_it_under_another_name(bool symbolic)
    {
        string ours = Path.Combine(_fixture.OwnDirectory, "docker-credential-ark");
        File.Move(_fixture.Program("docker-credential-pass", Answer), ours);
        string link = Path.Combine(_fixture.Home.Home, "bin", "docker-credential-pass");
        if (symbolic)
        {
            File.CreateSymbolicLink(link, ours);
        }
        else
        {
            using var ln = System.Diagnostics.Process.Start("ln", [ours, link]);
            await ln.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("ask itself", (await _fixture.FailAsync(Pass)).Message, StringComparison.Ordinal);
        Assert.Equal(0, _fixture.Runs("docker-credential-pass"));
    }

    [Fact]
    public void Its_key_changes_with_all_that_decides_what_is_found()
    {
        TokenKey key = _fixture.Found(Pass).Key;
        Assert.Equal(key, _fixture.Found(Pass with { }).Key);
        Assert.NotEqual(key, _fixture.Found(Pass with { Lifetime = TimeSpan.FromMinutes(2) }).Key);
        Assert.NotEqual(key, _fixture.Found(Pass with { Server = "other" }).Key);
        Assert.NotEqual(key, _fixture.Found(Pass with { Program = "other" }).Key);
        Assert.NotEqual(key, _fixture.Found(Pass, "other.example.com").Key);

        _fixture.Variables["DISPLAY"] = ":1";
        Assert.Equal(key, _fixture.Found(Pass).Key);
        _fixture.Variables["PASSWORD_STORE_DIR"] = "/other";
        Assert.NotEqual(key, _fixture.Found(Pass).Key);
    }

    [Fact]
    public void It_is_never_asked_with_nobody_there() => Assert.False(_fixture.Found(Pass).OutlivesRequest);
}
