using System.IO.Pipes;
using System.Text;
using Ark.Cli;
using Ark.Cli.Commands;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Client;
using Ark.Messages;
using Ark.Tests.Architecture;
using Spectre.Console;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class StatusTests : IDisposable
{
    private const string TwoEntries = """
        {"daemon":{"pid":4711,"version":"0.1.0","uptimeSeconds":93784,"requests":17},"entries":[
        {"host":"123456789012.dkr.ecr.us-east-1.amazonaws.com","organization":"tbd","source":"ecr","identity":"profile tbd",
        "state":"fresh","expiresAt":"2026-01-02T23:58:00Z","refreshAt":"2026-01-02T17:59:30Z",
        "lastFetchReason":null,"lastError":null,"fetches":1,"hits":16},
        {"host":"210987654321.dkr.ecr.eu-west-1.amazonaws.com","organization":null,"source":"ecr","identity":"environment",
        "state":"failing","expiresAt":"2026-01-02T12:04:10Z","refreshAt":"2026-01-02T11:59:00Z",
        "lastFetchReason":null,"lastError":null,"fetches":3,"hits":0}]}
        """;

    /// <summary>What a busy person has: two organizations on one host, keys that change, a registry of another kind.</summary>
    private const string ManyEntries = """
        {"daemon":{"pid":4711,"version":"0.2.0","uptimeSeconds":93784,"requests":17,"log":"/home/you/.local/state/ark/arkd.log"},"entries":[
        {"host":"123456789012.dkr.ecr.us-east-1.amazonaws.com","organization":"acme","source":"ecr us-east-1",
        "identity":"profile acme-prod","state":"fresh","expiresAt":"2026-01-02T23:58:00Z","refreshAt":"2026-01-02T17:59:30Z",
        "lastFetchReason":"first-use","lastError":null,"fetches":1,"hits":16},
        {"host":"123456789012.dkr.ecr.us-east-1.amazonaws.com","organization":"tbd","source":"ecr us-east-1","identity":"profile tbd",
        "state":"refreshing","expiresAt":"2026-01-02T17:10:00Z","refreshAt":"2026-01-02T11:59:00Z",
        "lastFetchReason":"first-use","lastError":null,"fetches":3,"hits":1204},
        {"host":"210987654321.dkr.ecr.eu-west-1.amazonaws.com","organization":null,"source":"ecr eu-west-1","identity":"environment",
        "state":"failing","expiresAt":"2026-01-02T12:04:10Z","refreshAt":"2026-01-02T11:59:00Z","account":"210987654321",
        "lastFetchReason":"ahead","lastError":"the session has expired","fetches":3,"hits":0,
        "problem":{"code":"session-expired","message":"the session has expired","hint":"export new AWS_* variables"}},
        {"host":"210987654321.dkr.ecr.eu-west-1.amazonaws.com","organization":null,"source":"ecr eu-west-1","identity":"environment",
        "state":"fresh","expiresAt":"2026-01-02T20:00:00Z","refreshAt":"2026-01-02T16:00:00Z","account":"333333333333",
        "lastFetchReason":"first-use","lastError":null,"fetches":1,"hits":5},
        {"host":"registry.example.com","organization":"tbd","source":"command","identity":"","state":"expired",
        "expiresAt":"2026-01-02T11:00:00Z","refreshAt":null,"lastFetchReason":"first-use","lastError":null,"fetches":1,"hits":2}]}
        """;

    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void The_status_on_a_terminal_is_as_it_was_looked_at(int width)
    {
        string screen = Screen(ManyEntries, width);
        EqualsFile($"status-{width}-columns.screen", screen);
        string[] rows = [.. screen.Split('\n').Where(static line => !line.Contains(':', StringComparison.Ordinal))];
        Assert.All(rows, line => Assert.True(line.Length <= width));
    }

    [Theory]
    [InlineData(200, "host organization identity state time left refresh in fetches hits")]
    [InlineData(120, "host organization identity state time left refresh in hits")]
    [InlineData(90, "host organization identity state time left refresh in")]
    [InlineData(75, "host organization identity state time left")]
    [InlineData(64, "host organization state time left")]
    [InlineData(40, "host organization state time left")]
    public void A_narrow_terminal_goes_without_columns_before_it_breaks_rows_and_always_has_the_organization(int width, string columns)
    {
        string[] lines = Screen(TwoEntries, width).Split('\n');
        Assert.Equal(columns, string.Join(' ', lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.All(lines[2..4], line => Assert.Contains(line, static text => text == 'f'));
    }

    [Fact]
    public void Rows_are_told_apart_however_narrow_the_terminal_is()
    {
        string[] lines = Screen(ManyEntries, 70).Split('\n');
        string[] rows = [.. lines[2..].TakeWhile(static line => !line.StartsWith("last error", StringComparison.Ordinal))];
        var names = rows.Select(static row => string.Join(' ', row.Split("  ", StringSplitOptions.RemoveEmptyEntries)[..3]));
        Assert.Equal(5, names.Distinct().Count());
    }

    [Theory]
    [InlineData(0, """{"daemon":{"pid":1,"version":"0.2.0","uptimeSeconds":1,"requests":1},"entries":[]}""")]
    [InlineData(3, """{"daemon":null,"entries":[]}""")]
    [InlineData(1, """
        {"daemon":{"pid":1,"version":"0.2.0","uptimeSeconds":1,"requests":1,
        "problem":{"code":"clock-skewed","message":"m","hint":"h"}},"entries":[]}
        """)]
    [InlineData(1, TwoEntries)]
    public void The_exit_code_says_how_it_stands_in_every_form(int exitCode, string status)
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(status);
        Assert.Equal(exitCode, _user.Run("status"));
        Assert.Equal(exitCode, _user.Run("status", "--json"));
        Assert.Equal(exitCode, _user.Run("status", "--prometheus"));
    }

    [Theory]
    [InlineData(-1.0, "╌╌╌╌╌╌", "......")]
    [InlineData(0.1, "━╌╌╌╌╌", "#.....")]
    [InlineData(6.0, "━━━╌╌╌", "###...")]
    [InlineData(12.0, "━━━━━━", "######")]
    [InlineData(48.0, "━━━━━━", "######")]
    public void A_bar_is_full_at_twelve_hours(double hours, string bar, string plain)
    {
        Assert.Equal(bar, LifetimeBar.Of(TimeSpan.FromHours(hours), unicode: true));
        Assert.Equal(plain, LifetimeBar.Of(TimeSpan.FromHours(hours), unicode: false));
    }

    [Fact]
    public void Prometheus_reads_it_as_metrics()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(ManyEntries);
        Assert.Equal(1, _user.Run("status", "--prometheus"));
        EqualsFile("status.prometheus", _user.Out);
    }

    [Fact]
    public void Prometheus_learns_that_there_is_no_daemon()
    {
        Assert.Equal(3, _user.Run("status", "--prometheus"));
        Assert.Equal("# HELP ark_up Whether a daemon runs.\n# TYPE ark_up gauge\nark_up 0\n", _user.Out);
    }

    [Fact]
    public void A_label_of_a_metric_cannot_end_its_quotes()
    {
        var report = new StatusReport(
            new DaemonStatus(1, "0.2.0", 1, 1),
            [new EntryStatus("h\"\\\n", null, "ecr", "i", "fresh", null, null, null, null, 1, 2)]);
        Assert.Contains(
            "ark_token_hits_total{host=\"h\\\"\\\\\\\\u000a\",organization=\"\",identity=\"i\",source=\"ecr\"} 2\n",
            StatusMetrics.Text(report),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_into_a_pipe_speaks_when_something_changed_and_ends_when_interrupted()
    {
        var answers = new Queue<AskResult>([
            new AskResult.Absent(),
            new AskResult.Absent(),
            FakeDaemon.Says(Running(pid: 1, uptime: 0, hits: 0)),
            FakeDaemon.Says(Running(pid: 1, uptime: 2, hits: 0)),
            FakeDaemon.Says(Running(pid: 1, uptime: 4, hits: 1)),
            FakeDaemon.Says(Running(pid: 2, uptime: 0, hits: 1)),
        ]);
        var looks = answers.Count;
        _user.Daemon.Answer = (_, _) => answers.Dequeue();
        using var interrupt = new CancellationTokenSource();
        var status = new StatusCommand(new DaemonQueries(_user.Daemon, _user.Terminal), _user.Terminal, _user.Clock);
        Task<int> watch = status.WatchAsync(json: false, interrupt.Token);
        for (var look = 1; look < looks; look++)
        {
            await _user.Clock.TimersSet(1);
            Assert.Equal(look, _user.Daemon.Asked.Count);
            Assert.Equal(TimeSpan.FromSeconds(2), _user.Clock.NextTimer);
            _user.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        await _user.Clock.TimersSet(1);
        await interrupt.CancelAsync();
        Assert.Equal(0, await watch);
        Assert.Equal(
            ["no daemon is running", "arkd 0.1.0, pid 1, up 0 s", "arkd 0.1.0, pid 1, up 4 s", "arkd 0.1.0, pid 2, up 0 s"],
            _user.Out.Split('\n').Where(line => line.Contains("daemon", StringComparison.Ordinal) || line is ['a', 'r', 'k', 'd', ..])
                .Select(line => line.Split([';'])[0].Replace(", 1 request", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_watch_ends_when_the_reader_of_its_pipe_has_gone_even_while_nothing_changes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there only the next write tells");
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        int descriptor = (int)reader.ClientSafePipeHandle.DangerousGetHandle();
        await using Stream output = StandardStream.Open(descriptor, () => throw new InvalidOperationException("it is a pipe"));
        var terminal = new Terminal(output, Stream.Null, () => null) { OutputHasReader = () => StandardStream.HasReader(descriptor) };
        var status = new StatusCommand(new DaemonQueries(_user.Daemon, terminal), terminal, _user.Clock);
        Task<int> watch = status.WatchAsync(json: false, TestContext.Current.CancellationToken);
        await _user.Clock.TimersSet(1);
        _user.Clock.Advance(TimeSpan.FromSeconds(2));
        await _user.Clock.TimersSet(1);
        Assert.Equal(2, _user.Daemon.Asked.Count);

        await reader.DisposeAsync();

        // A program that another test starts at this moment holds the pipe as well, until it executes.
        while (await Task.WhenAny(watch, _user.Clock.TimersSet(1)) != watch)
        {
            _user.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(0, await watch);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("status", "--json")]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("frobnicate")]
    [InlineData("org", "list")]
    public async Task A_pipe_without_a_reader_ends_every_command_without_a_word(params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "pipes there have handles");
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        int descriptor = (int)reader.ClientSafePipeHandle.DangerousGetHandle();
        await using Stream pipe = StandardStream.Open(descriptor, () => throw new InvalidOperationException("it is a pipe"));
        var terminal = new Terminal(pipe, pipe, () => null);
        var ark = new ArkCommand(terminal, _ => null, _user.Clock, _user.Daemon, _ => 0);
        await reader.DisposeAsync();
        Assert.Equal(1, new CommandLine(terminal, ark.ToCommand(), ArkCommand.Name).Run(arguments));
    }

    /// <summary>With <c>ARK_UPDATE=1</c> the file is rewritten to what is printed now, to be looked at.</summary>
    private static void EqualsFile(string name, string actual)
    {
        string path = Repository.PathOf($"tests/Ark.Tests/Cli/Scenarios/{name}");
        if (Environment.GetEnvironmentVariable("ARK_UPDATE") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }

    private string Screen(string status, int width)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 200;
        console.Write(StatusView.Render(DaemonQueries.ReadStatus(Encoding.UTF8.GetBytes(status)), _user.Clock.GetUtcNow(), width));
        return string.Join('\n', text.ToString().Split('\n').Select(static line => line.TrimEnd()));
    }

    private static string Running(int pid, int uptime, int hits) => $$"""
        {"daemon":{"pid":{{pid}},"version":"0.1.0","uptimeSeconds":{{uptime}},"requests":1},"entries":[
        {"host":"h.example","organization":null,"source":"ecr","identity":"i","state":"fresh","expiresAt":null,"refreshAt":null,
        "lastFetchReason":null,"lastError":null,"fetches":1,"hits":{{hits}}}]}
        """;
}
