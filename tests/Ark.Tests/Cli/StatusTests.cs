using System.Text;
using Ark.Cli.Commands;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;
using Spectre.Console;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class StatusTests : IDisposable
{
    private const string TwoEntries = """
        {"daemon":{"pid":4711,"version":"0.1.0","uptimeSeconds":93784,"requests":17},"entries":[
        {"host":"123456789012.dkr.ecr.us-east-1.amazonaws.com","organization":"tbd","source":"ecr","identity":"profile tbd","state":"fresh",
        "expiresAt":"2026-01-02T23:58:00Z","refreshAt":"2026-01-02T17:59:30Z","lastFetchReason":"miss","lastError":null,"fetches":1,"hits":16},
        {"host":"210987654321.dkr.ecr.eu-west-1.amazonaws.com","organization":null,"source":"ecr","identity":"environment","state":"failing",
        "expiresAt":"2026-01-02T12:04:10Z","refreshAt":"2026-01-02T11:59:00Z","lastFetchReason":"ahead","lastError":"AccessDenied\u001b[2J: no","fetches":3,"hits":0},
        {"host":"registry.example.com","organization":null,"source":"command","identity":"-","state":"expired",
        "expiresAt":"2026-01-02T11:00:00Z","refreshAt":null,"lastFetchReason":"miss","lastError":null,"fetches":1,"hits":2,"newer":true}]}
        """;

    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public void A_pipe_gets_a_plain_table()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(TwoEntries);
        Assert.Equal(0, _user.Run("status"));
        Assert.Equal("""
            arkd 0.1.0, pid 4711, up 1 d 2 h, 17 requests
            host                                         organization identity    state   time left   refresh in fetches hits
            123456789012.dkr.ecr.us-east-1.amazonaws.com tbd          profile tbd fresh   11 h 58 min 5 h 59 min       1   16
            210987654321.dkr.ecr.eu-west-1.amazonaws.com -            environment failing 4 min 10 s  now              3    0
            registry.example.com                         -            -           expired none        -                1    2
            last error of 210987654321.dkr.ecr.eu-west-1.amazonaws.com: AccessDenied\u001b[2J: no

            """.ReplaceLineEndings("\n"), _user.Out);
        Assert.Equal([(Verb.Status, "", StartMode.OnlyIfRunning)], _user.Daemon.RequestContext);
    }

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
        console.Write(StatusView.Render(DaemonJson.Read(Encoding.UTF8.GetBytes(TwoEntries), MessagesJson.Default.StatusReport, "status"), _user.Clock.GetUtcNow(), width));
        Assert.Equal(columns, string.Join(' ', text.ToString().Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void Json_is_what_the_daemon_said_to_the_byte()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(TwoEntries);
        Assert.Equal(0, _user.Run("status", "--json"));
        Assert.Equal(TwoEntries, _user.Out);
    }

    [Fact]
    public void Without_a_daemon_there_is_nothing_wrong()
    {
        Assert.Equal(0, _user.Run("status"));
        Assert.Equal("no daemon is running; the next docker pull or ark daemon start starts it\n", _user.Out);
        Assert.Equal(0, _user.Run("status", "--json"));
        Assert.Equal("{\"daemon\":null,\"entries\":[]}\n", _user.Out);
    }

    [Fact]
    public void A_daemon_without_tokens_says_when_there_will_be_one()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("""{"daemon":{"pid":1,"version":"0.1.0","uptimeSeconds":5,"requests":1},"entries":[]}""");
        Assert.Equal(0, _user.Run("status"));
        Assert.Equal("arkd 0.1.0, pid 1, up 5 s, 1 request\nno tokens yet: the first pull or ark token fetches one\n", _user.Out);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("not json")]
    public void An_answer_that_is_no_status_is_told(string answer)
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(answer);
        Assert.Equal(1, _user.Run("status"));
        Assert.Equal("ark: error: the daemon's status cannot be read\nark: hint: restart it with ark daemon restart\n", _user.Error);
    }

    [Fact]
    public void A_daemon_that_answers_with_an_error_is_let_speak()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("", "ark: error: no\n", 1);
        Assert.Equal(1, _user.Run("status", "--json"));
        Assert.Equal(("", "ark: error: no\n"), (_user.Out, _user.Error));
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
        var watch = new StatusCommand(_user.Daemon, _user.Terminal, _user.Clock).WatchAsync(json: false, interrupt.Token);
        for (var look = 1; look < looks; look++)
        {
            await _user.Clock.TimersSet(1);
            Assert.Equal(look, _user.Daemon.RequestContext.Count);
            Assert.Equal(TimeSpan.FromSeconds(2), _user.Clock.NextTimer);
            _user.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        await _user.Clock.TimersSet(1);
        await interrupt.CancelAsync();
        Assert.Equal(0, await watch);
        Assert.Equal(
            ["no daemon is running", "arkd 0.1.0, pid 1, up 0 s", "arkd 0.1.0, pid 1, up 4 s", "arkd 0.1.0, pid 2, up 0 s"],
            _user.Out.Split('\n').Where(line => line.Contains("daemon", StringComparison.Ordinal) || line.StartsWith("arkd", StringComparison.Ordinal))
                .Select(line => line.Split([';'])[0].Replace(", 1 request", "", StringComparison.Ordinal)));
    }

    private static string Running(int pid, int uptime, int hits) => $$"""
        {"daemon":{"pid":{{pid}},"version":"0.1.0","uptimeSeconds":{{uptime}},"requests":1},"entries":[{"host":"h.example","organization":null,
        "source":"ecr","identity":"i","state":"fresh","expiresAt":null,"refreshAt":null,"lastFetchReason":null,"lastError":null,"fetches":1,"hits":{{hits}}}]}
        """;
}
