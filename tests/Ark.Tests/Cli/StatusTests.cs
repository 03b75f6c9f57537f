using System.IO.Pipes;
using System.Text;
using Ark.Cli;
using Ark.Cli.Commands;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Client;
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

    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData(200, "host organization identity state time left refresh in fetches hits")]
    [InlineData(100, "host identity state time left refresh in")]
    [InlineData(85, "host identity state time left")]
    [InlineData(40, "host state time left")]
    public void A_narrow_terminal_goes_without_columns_before_it_breaks_rows(int width, string columns)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 200;
        console.Write(StatusView.Render(DaemonQueries.ReadStatus(Encoding.UTF8.GetBytes(TwoEntries)), _user.Clock.GetUtcNow(), width));
        Assert.Equal(columns, string.Join(' ', text.ToString().Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
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
        _user.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, await watch);
        Assert.Equal(2, _user.Daemon.Asked.Count);
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

    private static string Running(int pid, int uptime, int hits) => $$"""
        {"daemon":{"pid":{{pid}},"version":"0.1.0","uptimeSeconds":{{uptime}},"requests":1},"entries":[
        {"host":"h.example","organization":null,"source":"ecr","identity":"i","state":"fresh","expiresAt":null,"refreshAt":null,
        "lastFetchReason":null,"lastError":null,"fetches":1,"hits":{{hits}}}]}
        """;
}
