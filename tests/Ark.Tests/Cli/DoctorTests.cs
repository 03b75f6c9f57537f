using System.Runtime.Versioning;
using System.Text.Json;
using Ark.Cli.Doctor;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;
using Spectre.Console;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>Each check of <c>ark doctor</c> is seen failing, and well again once that is done which it says.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DoctorTests : IDisposable
{
    private const string Sentinel = "SENTINEL-doctor";

    private readonly SomeUser _user = new();
    private string _status = Status();
    private string? _describeFails;
    private string? _invalid;

    public DoctorTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "its programs are scripts");
        Program("docker-credential-ark", $"echo docker-credential-ark '(ark)' {Build.Current}");
        Program("arkd", $"echo arkd {Build.Current}");
        Program("ark", "");
        _user.HasConfig($$$"""{"credHelpers":{"{{{The.Host}}}":"ark"} }""");
        _user.Daemon.Answer = Answer;
    }

    private string Bin => Path.Combine(_user.Root, "bin");

    private string Configuration => Path.Combine(_user.Home, "config.json");

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData(true, "doctor")]
    [InlineData(false, "doctor", "--quiet")]
    public void A_person_who_waits_sees_how_far_it_is_until_the_results_come(bool isShown, params string[] arguments)
    {
        _user.ErrorIsTerminal = true;
        _user.Run(arguments);
        string last = $"{Check.All.Count} of {Check.All.Count} checks …";
        Assert.Equal(isShown, _user.Error.EndsWith($"\r{last}\r{new string(' ', last.Length)}\r", StringComparison.Ordinal));
        Assert.Equal(isShown, _user.Error.Length > 0);
    }

    [Fact]
    public void Where_all_is_well_nothing_fails_or_warns_and_the_exit_code_is_0()
    {
        Assert.Equal(0, _user.Run("doctor", "--json"));

        Assert.DoesNotContain(Entries(), entry => entry.Result is "fail" or "warn");
    }

    [Fact]
    public void Without_a_daemon_the_other_checks_are_made()
    {
        _user.Daemon.Answer = (_, _) => new AskResult.Failed("the daemon is broken", "see: ark daemon run");

        Assert.Equal(1, _user.Run("doctor", "--json"));

        Assert.Equal(("fail", "the daemon is broken", "ark daemon run"), Single("daemon"));
        Assert.Equal(["clock", "configuration", "image", "registry", "sign-in"], Skipped("the daemon does not answer"));
        Assert.Equal("ok", Single("programs").Result);
    }

    [Fact]
    public void A_client_that_does_without_a_daemon_says_why()
    {
        Func<Verb, string, AskResult> usual = _user.Daemon.Answer;
        _user.Daemon.Answer = (verb, payload) => verb == Verb.Status
            ? FakeDaemon.Says(_status, "ark: warning: no daemon, so nothing is cached: no place\nark: hint: chmod 700 /run/me\n")
            : usual(verb, payload);

        Assert.Equal(("fail", "no daemon, so nothing is cached: no place", "chmod 700 /run/me"), Run("daemon"));
    }

    [Fact]
    public void Programs_that_are_not_on_PATH_are_found_and_put_there()
    {
        string elsewhere = Directory.CreateDirectory(Path.Combine(_user.Home, ".local", "bin")).FullName;
        File.Move(Path.Combine(Bin, "docker-credential-ark"), Path.Combine(elsewhere, "docker-credential-ark"));

        (string result, string message, string? repair) = Run("programs");
        Assert.Equal(("fail", "docker-credential-ark is not on PATH, so docker does not find it"), (result, message));
        Assert.Equal($"export PATH=\"{elsewhere}:$PATH\"", repair);

        _user.Environment["PATH"] = $"{elsewhere}:{Bin}";
        Assert.Equal("ok", Run("programs").Result);

        File.Delete(Path.Combine(Bin, "arkd"));
        Assert.Equal("the daemon's program, arkd, is neither beside ark nor on PATH", Run("programs").Message);
    }

    [Fact]
    public void A_second_copy_of_the_helper_is_named_and_a_link_to_the_first_is_not()
    {
        string other = Directory.CreateDirectory(Path.Combine(_user.Root, "other")).FullName;
        _user.Environment["PATH"] = $"{Bin}:{other}";
        string copy = Path.Combine(other, "docker-credential-ark");
        File.CreateSymbolicLink(copy, Path.Combine(Bin, "docker-credential-ark"));
        Assert.Equal("ok", Run("programs").Result);

        File.Delete(copy);
        SomeUser.MakeProgram(copy, "#!/bin/sh\n");
        _user.Run("doctor", "--json");

        Assert.Equal($"rm {copy}", Assert.Single(All("programs"), entry => entry.Result == "warn").Repair);
    }

    [Theory]
    [InlineData("docker-credential-ark")]
    [InlineData("arkd")]
    public void A_program_of_another_version_is_told(string program)
    {
        Program(program, $"echo {program} 0.0.9");

        Assert.Equal(("fail", $"{program} is version 0.0.9, ark is {Build.Current}"), Run("versions") is var found ? (found.Result, found.Message) : default);

        Program(program, $"echo {program} {Build.Current}");
        Assert.Equal("ok", Run("versions").Result);
    }

    [Fact]
    public void A_daemon_of_another_version_is_stopped_by_fix()
    {
        _status = Status(version: "0.0.9");
        Assert.Equal(("fail", $"the running daemon is version 0.0.9, ark is {Build.Current}", "ark daemon restart"), Run("versions"));

        _user.Daemon.WhenStopped = () => _status = Status();
        Assert.Equal(0, _user.Run("doctor", "--fix"));

        Assert.StartsWith("fixed: stopped the daemon of version 0.0.9\n", _user.Out, StringComparison.Ordinal);
        Assert.Equal(1, _user.Daemon.TimesStopped);
    }

    [Fact]
    public void Programs_of_the_desktop_have_a_PATH_of_their_own()
    {
        string tool = OperatingSystem.IsMacOS() ? "launchctl" : "systemctl";
        string name = OperatingSystem.IsMacOS() ? "" : "PATH=";
        Program(tool, $"echo {name}/usr/bin");
        Assert.Equal("warn", Run("path-desktop").Result);

        Program(tool, $"echo {name}/usr/bin:{Bin}");
        Assert.Equal("ok", Run("path-desktop").Result);
    }

    [Fact]
    public void Login_shells_have_a_PATH_of_their_own()
    {
        string profile = Path.Combine(_user.Home, ".profile");
        _user.Environment["SHELL"] = "/bin/sh";
        File.WriteAllText(profile, "echo welcome\nPATH=/usr/bin:/bin\n");

        (string result, _, string? repair) = Run("path-login-shell");
        Assert.Equal(("warn", $"echo 'export PATH=\"{Bin}:$PATH\"' >> ~/.profile"), (result, repair));

        File.AppendAllText(profile, $"export PATH=\"{Bin}:$PATH\"\n");
        Assert.Equal("ok", Run("path-login-shell").Result);
    }

    [Fact]
    public void The_docker_of_snap_cannot_run_the_helper()
    {
        string snap = Directory.CreateDirectory(Path.Combine(_user.Root, "snap", "bin")).FullName;
        SomeUser.MakeProgram(Path.Combine(snap, "docker"), "#!/bin/sh\n");
        _user.Environment["PATH"] = $"{snap}:{Bin}";

        (string result, _, string? repair) = Run("path-snap");
        Assert.Equal("fail", result);
        Assert.EndsWith($"ark token {The.Host} | docker login --username AWS --password-stdin {The.Host}", repair, StringComparison.Ordinal);

        Program("docker", "");
        _user.Environment["PATH"] = $"{Bin}:{snap}";
        Assert.Equal("ok", Run("path-snap").Result);
    }

    [Fact]
    public void Whoever_needs_sudo_for_docker_is_told_of_its_PATH()
    {
        Program("sudo", "");
        Program("docker", "echo 'permission denied while trying to connect to the Docker daemon socket' >&2; exit 1");
        Assert.Equal("warn", Run("path-sudo").Result);

        Program("docker", "echo 28.5.2");
        Assert.Equal("skip", Run("path-sudo").Result);
    }

    [Fact]
    public void A_socket_directory_that_others_can_enter_is_closed_by_fix()
    {
        string directory = Path.Combine(_user.Home, ".ark", "run");
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(Path.GetDirectoryName(directory)!, (UnixFileMode)0b111_101_101);
        Assert.Equal(("fail", "~/.ark can be entered by others (mode 755)", $"chmod 700 {Path.GetDirectoryName(directory)}"), Run("socket-directory"));

        Assert.Equal(0, _user.Run("doctor", "--fix"));

        Assert.StartsWith("fixed: closed ~/.ark to others\nfixed: closed ~/.ark/run to others\n", _user.Out, StringComparison.Ordinal);
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(directory));
    }

    [Fact]
    public void A_socket_path_that_is_too_long_is_told()
    {
        _user.Environment["ARK_RUNTIME_DIR"] = Path.Combine(_user.Root, new string('x', 120));

        (string result, string message, string? repair) = Run("socket-directory");
        Assert.Equal(("fail", "set ARK_RUNTIME_DIR to a shorter private directory"), (result, repair));
        Assert.StartsWith("the socket's path is longer than the ", message, StringComparison.Ordinal);

        _user.Environment.Remove("ARK_RUNTIME_DIR");
        Assert.Equal("ok", Run("socket-directory").Result);
    }

    [Fact]
    public void Every_error_of_the_configuration_is_a_failure_and_the_rest_goes_on()
    {
        File.WriteAllText(Configuration, "{");
        _invalid = "config.json:1:2: expected }\nconfig.json:1:9: unknown property \"x\"\n";
        _user.Run("doctor", "--json");

        Assert.Equal(
            ["config.json:1:2: expected }", "config.json:1:9: unknown property \"x\""],
            All("configuration").Select(entry => entry.Message));
        Assert.All(All("configuration"), entry => Assert.Equal(("fail", "ark org validate"), (entry.Result, entry.Repair)));
        Assert.Equal(("skip", "the configuration is not valid", null), Single("sign-in"));
        Assert.Equal("ok", Single("docker-file").Result);

        _invalid = null;
        Assert.Equal("ok", Run("configuration").Result);
    }

    [Fact]
    public void A_proxy_of_the_shell_does_not_reach_the_daemon_and_its_password_is_not_shown()
    {
        _user.Environment["HTTPS_PROXY"] = $"http://me:{Sentinel}@proxy.example:3128";
        (string result, string message, string? repair) = Run("proxy");
        Assert.Equal("warn", result);
        Assert.StartsWith("HTTPS_PROXY is set here", message, StringComparison.Ordinal);
        Assert.Equal($"add to {Configuration}: \"proxy\": {{\"https\": \"http://HOST:PORT\"}}", repair);
        Assert.DoesNotContain(Sentinel, _user.Out + _user.Error, StringComparison.Ordinal);

        File.WriteAllText(Configuration, $$$"""{"proxy":{"https":"http://me:{{{Sentinel}}}@proxy.example:3128"} }""");
        Assert.Equal(("ok", "the daemon reaches AWS through http://proxy.example:3128, as the configuration says", null), Run("proxy"));
        Assert.DoesNotContain(Sentinel, _user.Out + _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_CA_bundle_that_does_not_exist_is_told()
    {
        File.WriteAllText(Configuration, """{"proxy":{"caBundle":"~/roots.pem"}}""");
        _user.Run("doctor", "--json");
        Assert.Contains(All("proxy"), entry => entry.Result == "fail" && entry.Message.Contains("roots.pem", StringComparison.Ordinal));

        File.WriteAllText(Path.Combine(_user.Home, "roots.pem"), "");
        Assert.Equal("ok", Run("proxy").Result);
    }

    [Fact]
    public void Every_organization_is_asked_for_a_credential_and_its_problem_is_told_with_its_code()
    {
        _describeFails = "ark: error: the login has expired\nark: hint: run `aws sso login --profile tbd`\nark: code: login-needed\n";
        _user.Run("doctor", "--json");
        Entry entry = Assert.Single(All("sign-in"));
        Assert.Equal(("fail", $"your own AWS settings at {The.Host}: the login has expired"), (entry.Result, entry.Message));
        Assert.Equal(("run `aws sso login --profile tbd`", "login-needed"), (entry.Repair, entry.Code));

        _describeFails = null;
        Assert.Equal(("ok", $"your own AWS settings have credentials for {The.Host}", null), Run("sign-in"));
        Assert.DoesNotContain(Sentinel, _user.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Offline_tells_what_the_daemon_knows_and_asks_for_no_credential()
    {
        _status = Status(entries: $$"""
            {"host":"{{The.Host}}","organization":"tbd","source":"ecr","identity":"profile tbd","state":"failing","expiresAt":null,"refreshAt":null,
            "lastFetchReason":"first-use","lastError":"no","fetches":1,"hits":0,"problem":{"code":"login-needed","message":"no","hint":"ark login tbd"} }
            """);
        _user.Run("doctor", "--offline", "--json", $"{The.Host}/app");

        Assert.Equal(("fail", $"tbd at {The.Host}: no", "ark login tbd"), Single("sign-in"));
        Assert.DoesNotContain(_user.Daemon.Asked, asked => asked.Verb is Verb.Describe or Verb.Token or Verb.Get);
    }

    [Theory]
    [InlineData("ambiguous", "fail", "several organizations are configured for HOST, and nothing chooses between acme, beta", "ark use acme, or for this host alone: ark setup --host HOST --organization acme")]
    [InlineData("not-served", "fail", "ark does not serve HOST: why not", "add it to the configuration, or use its own login: docker login HOST")]
    [InlineData("stopped", "fail", "in the way", "move it")]
    [InlineData("served", "ok", "acme answers for HOST with profile acme, because it is the configuration's default; beta could too", null)]
    public void Who_answers_for_the_registry_is_told_and_why(string state, string result, string message, string? repair)
    {
        _user.Daemon.Explains = _ => new RegistryExplanation
        {
            Host = The.Host,
            State = state,
            Organization = state == "served" ? "acme" : null,
            DecidedBy = state == "served" ? "default-organization" : null,
            Source = state == "served" ? new SourceEntry("ecr", "profile acme") : null,
            Candidates = state == "not-served" ? [] : ["acme", "beta"],
            Reason = "why not",
            Problem = new ProblemEntry("organization-ambiguous", "in the way", "move it"),
        };

        _user.Run("doctor", "--json", The.Host);

        string Named(string text) => text.Replace("HOST", The.Host, StringComparison.Ordinal);
        Assert.Equal((result, Named(message), repair is null ? null : Named(repair)), Single("registry"));
    }

    [Theory]
    [InlineData("""{"credHelpers":{"HOST":"ecr-login"}}""", "ark setup HOST --replace")]
    [InlineData("""{"credsStore":"desktop"}""", "ark setup HOST")]
    [InlineData("{}", "ark setup HOST")]
    public void Another_helper_of_dockers_is_told(string config, string repair)
    {
        _user.HasConfig(config.Replace("HOST", The.Host, StringComparison.Ordinal));
        _user.Run("doctor", "--json", The.Host);
        Assert.Equal(("fail", repair.Replace("HOST", The.Host, StringComparison.Ordinal)), Single("docker-file") is var found ? (found.Result, found.Repair) : default);

        Assert.Equal(0, _user.Run(["setup", .. repair.Split(' ')[2..].Select(word => word.Replace("HOST", The.Host, StringComparison.Ordinal)), "--yes"]));
        _user.Run("doctor", "--json", The.Host);
        Assert.Equal("ok", Single("docker-file").Result);
    }

    [Fact]
    public void A_docker_file_that_is_no_JSON_is_told_with_line_and_column()
    {
        _user.HasConfig("{\n  nonsense");

        (string result, string message, _) = Run("docker-file");

        Assert.Equal(("fail", "~/.docker/config.json is not a valid JSON object (line 2, column 3)"), (result, message));
    }

    [Fact]
    public void Logins_that_win_over_ark_are_told_with_what_removes_them()
    {
        string auth = Path.Combine(_user.Home, ".config", "containers", "auth.json");
        Directory.CreateDirectory(Path.GetDirectoryName(auth)!);
        string login = $$$"""{"auths":{"{{{The.Host}}}":{"auth":"{{{The.Base64($"me:{Sentinel}")}}}"} } }""";
        File.WriteAllText(auth, login);
        _user.Environment["DOCKER_AUTH_CONFIG"] = login;
        _user.Run("doctor", "--json");

        Assert.Equal(
            ["unset DOCKER_AUTH_CONFIG", $"podman logout --authfile {auth} {The.Host}"],
            All("shadowing").Where(entry => entry.Result == "fail").Select(entry => entry.Repair!).Order(StringComparer.Ordinal).Reverse());
        Assert.DoesNotContain(Sentinel, _user.Out, StringComparison.Ordinal);

        File.Delete(auth);
        _user.Environment.Remove("DOCKER_AUTH_CONFIG");
        Assert.Equal("ok", Run("shadowing").Result);
    }

    [Fact]
    public void Tokens_that_have_expired_are_removed_by_fix()
    {
        string token = The.Token(_user.Clock.GetUtcNow() - TimeSpan.FromHours(1));
        _user.HasConfig($$$"""{"credHelpers":{"{{{The.Host}}}":"ark"},"auths":{"{{{The.Host}}}":{"auth":"{{{token}}}"},"ghcr.io":{"auth":"{{{The.Base64("me:kept")}}}"} } }""");
        (string result, _, string? repair) = Run("stale-tokens");
        Assert.Equal(("fail", "ark setup --remove-stale-tokens"), (result, repair));

        Assert.Equal(0, _user.Run("doctor", "--fix"));

        Assert.StartsWith($"fixed: removed the expired token for {The.Host} from ~/.docker/config.json\n", _user.Out, StringComparison.Ordinal);
        Assert.Contains("ghcr.io", _user.ReadConfig(), StringComparison.Ordinal);
        Assert.DoesNotContain(token, _user.ReadConfig(), StringComparison.Ordinal);
        Assert.Equal("ok", Run("stale-tokens").Result);
    }

    [Theory]
    [InlineData("docker", "Docker version 28.2.2, build e6534b4", "warn")]
    [InlineData("docker", "Docker version 20.10.8, build 1", "fail")]
    [InlineData("docker", "Docker version 20.10.24, build 1", "ok")]
    [InlineData("docker", "podman version 4.9.3", "skip")]
    [InlineData("podman", "podman version 4.3.1", "warn")]
    [InlineData("podman", "podman version 5.8.0", "ok")]
    [InlineData("skopeo", "skopeo version 1.9.3", "warn")]
    [InlineData("containerd", "containerd github.com/containerd/containerd v1.2.13 7ad184331fa3", "fail")]
    [InlineData("containerd", "containerd containerd.io 1.7.27 05044ec0a9a7", "ok")]
    public void Versions_of_clients_that_are_known_to_fail_or_leak_are_told(string client, string prints, string result)
    {
        Program(client, $"echo '{prints}'");

        Assert.Equal(result, Run("client-versions").Result);
    }

    [Fact]
    public void A_clock_that_is_off_is_told()
    {
        _status = Status(daemon: """ "clockSkewSeconds":-400,"problem":{"code":"clock-skewed","message":"6 minutes behind","hint":"timedatectl set-ntp true"}""");
        Assert.Equal(("fail", "6 minutes behind", "timedatectl set-ntp true"), Run("clock"));

        _status = Status(daemon: "\"clockSkewSeconds\":-1");
        Assert.Equal("ok", Run("clock").Result);
    }

    [Fact]
    public void On_a_terminal_no_command_is_broken_and_each_verdict_has_its_color()
    {
        using var screen = new StringWriter { NewLine = "\n" };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Out = new AnsiConsoleOutput(screen),
        });
        console.Profile.Width = 40;
        string command = string.Join(' ', Enumerable.Repeat("word", 30));
        var report = DoctorReport.Of([new Result("daemon", [Finding.Fail("it is \u001b[2J wrong in more words than fit", command)])], [], home: null);

        DoctorView.Write(report, console);

        Assert.Contains($"  repair: {command}\n", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("\u001b[91m[FAIL] \u001b[0mdaemon            it is \\u001b[2J", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_repaired_is_said_and_stays_a_failure()
    {
        _user.Environment["DOCKER_AUTH_CONFIG"] = $$$"""{"auths":{"{{{The.Host}}}":{"auth":"{{{The.Token(_user.Clock.GetUtcNow() - TimeSpan.FromHours(1))}}}"} } }""";

        Assert.Equal(1, _user.Run("doctor", "--fix", "--json"));

        Assert.Equal(("fail", "unset DOCKER_AUTH_CONFIG"), Single("stale-tokens") is var found ? (found.Result, found.Repair) : default);
    }

    [Fact]
    public void Another_program_that_never_ends_is_ended_and_one_that_says_too_much_is_read()
    {
        Program("docker", "PATH=/usr/bin:/bin; yes 'Docker version 28.5.2' | head -c 400000");
        Assert.Equal("ok", Run("client-versions").Result);

        Program("docker", "exec /bin/sleep 600");
        Assert.Null(ToolOutput.Of(Path.Combine(Bin, "docker"), [], _user.Environment.GetValueOrDefault, TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public void A_program_that_is_asked_gets_no_AWS_credentials()
    {
        _user.Environment["AWS_SECRET_ACCESS_KEY"] = Sentinel;
        string seen = Path.Combine(_user.Home, "seen");
        Program("docker", $"/usr/bin/env > '{seen}'");

        _user.Run("doctor");

        Assert.DoesNotContain(Sentinel, File.ReadAllText(seen), StringComparison.Ordinal);
    }

    private static string Status(string? version = null, string entries = "", string daemon = "\"clockSkewSeconds\":0") =>
        $$$"""{"daemon":{"pid":1,"version":"{{{version ?? Build.Current}}}","uptimeSeconds":5,"requests":1,{{{daemon}}} },"entries":[{{{entries}}}]}""";

    private void Program(string name, string script) => SomeUser.MakeProgram(Path.Combine(Bin, name), $"#!/bin/sh\n{script}\n");

    private AskResult Answer(Verb verb, string payload) => (verb, payload) switch
    {
        (Verb.Status, _) => FakeDaemon.Says(_status),
        (Verb.Organizations, "file") => FakeDaemon.Says($$"""{"file":"{{Configuration}}"}"""),
        (Verb.Organizations, _) when _invalid is not null => FakeDaemon.Says("", "ark: error: 2 errors\nark: hint: ark org validate\n", 1),
        (Verb.Organizations, _) => FakeDaemon.Says($$"""{"file":"{{Configuration}}","organizations":[]}"""),
        (Verb.Validate, _) when _invalid is { } errors =>
            FakeDaemon.Says($"{errors}2 errors\n", "ark: error: 2 errors\nark: hint: ark org validate\nark: code: bad-configuration\n", 1),
        (Verb.Validate, _) => FakeDaemon.Says("config.json: valid, 0 organizations, 0 hosts\n"),
        (Verb.Describe, _) when _describeFails is { } problem => FakeDaemon.Says("", problem, 1),
        (Verb.Describe, _) => FakeDaemon.Says($$"""{"host":"{{The.Host}}","username":"AWS","secret":"{{Sentinel}}","expiresAt":null}"""),
        _ => new AskResult.Absent(),
    };

    private (string Result, string Message, string? Repair) Run(string check)
    {
        _user.Run("doctor", "--json");
        return Single(check);
    }

    private (string Result, string Message, string? Repair) Single(string check) =>
        Assert.Single(All(check)) is var entry ? (entry.Result, entry.Message, entry.Repair) : default;

    private List<Entry> All(string check) => Entries().FindAll(entry => entry.Name == check);

    private IEnumerable<string> Skipped(string message) =>
        Entries().Where(entry => entry.Result == "skip" && entry.Message == message).Select(entry => entry.Name).Order(StringComparer.Ordinal);

    private List<Entry> Entries()
    {
        using var report = JsonDocument.Parse(_user.Out);
        return
        [
            .. report.RootElement.GetProperty("checks").EnumerateArray().Select(entry => new Entry(
                entry.GetProperty("name").GetString()!,
                entry.GetProperty("result").GetString()!,
                entry.GetProperty("message").GetString()!,
                entry.GetProperty("repair").GetString(),
                entry.GetProperty("code").GetString())),
        ];
    }

    private sealed record Entry(string Name, string Result, string Message, string? Repair, string? Code);
}
