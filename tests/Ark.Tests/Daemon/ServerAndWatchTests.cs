using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Ark.Daemon.Lifetime;
using Ark.Daemon.Listening;
using Ark.Daemon.Logging;
using Ark.Testing;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class ServerAndWatchTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly FakeListener _listener = new();
    private readonly LogLines _log = new();
    private readonly Faults _faults;
    private readonly CancellationTokenSource _stopping = new();
    private Func<CancellationToken, Task> _before = static _ => Task.CompletedTask;

    public ServerAndWatchTests() => _faults = new Faults(_log.Logger);

    public void Dispose()
    {
        _listener.Dispose();
        _stopping.Dispose();
    }

    [Fact]
    public async Task A_fault_in_the_accept_loop_is_logged_once_each_and_counted_and_the_loop_goes_on()
    {
        using var server = Start(out var accepting);
        Exception[] faults =
        [
            new SocketException((int)SocketError.TooManyOpenSockets), new IOException(),
            new UnauthorizedAccessException(), new IOException(),
            new ObjectDisposedException("pipe"), new InvalidOperationException(), new IOException(),
        ];
        foreach (var fault in faults)
        {
            _listener.Arrive(() => throw fault);
            await _clock.TimersSet(1);
            Assert.False(accepting.IsCompleted);
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        _listener.Arrive(static () => null);
        Assert.Equal("answer\n", await Ask());
        Assert.Equal(faults.Length, _faults.Count);
        Assert.Equal(
            faults.Select(fault => fault.GetType().Name).Distinct(),
            _log.All.Where(line => line.Contains("fault while=\"accepting a connection\"", StringComparison.Ordinal))
                .Select(line => Regex.Match(line, "type=(\\w+)").Groups[1].Value));
        await End(server, accepting);
    }

    [Fact]
    public async Task A_failing_accept_rests_instead_of_spinning()
    {
        using var server = Start(out var accepting);
        _listener.Arrive(static () => throw new SocketException((int)SocketError.TooManyOpenSockets));
        await _clock.TimersSet(1);

        Assert.Equal(TimeSpan.FromMilliseconds(100), _clock.NextTimer);
        await End(server, accepting);
    }

    [Fact]
    public async Task No_more_connections_are_served_at_once_than_allowed_and_the_rest_waits()
    {
        var gate = new TaskCompletionSource();
        _before = _ => gate.Task;
        using var server = Start(out var accepting, most: 2);
        var asked = Enumerable.Range(0, 5).Select(_ => Ask()).ToList();
        await _listener.Taken(2);
        Assert.Equal(2, _listener.Accepted);

        gate.SetResult();

        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal("answer\n", answer));
        await End(server, accepting);
    }

    [Fact]
    public async Task A_flood_of_clients_that_say_nothing_keeps_nobody_waiting()
    {
        // Whoever says nothing has two seconds, and here the clock stands still.
        using var server = Start(out var accepting, most: 2, _clock);
        List<DuplexStream> silent = [.. Enumerable.Range(0, 7).Select(_ => _listener.Connect())];

        Assert.Equal("answer\n", await Ask());

        Assert.Equal(0, await silent[0].ReadAsync(new byte[1]));
        silent.ForEach(static client => client.Dispose());
        await End(server, accepting);
    }

    [Fact]
    public async Task A_client_that_disconnects_before_its_answer_is_logged_as_such()
    {
        _before = static left => Task.Delay(Timeout.Infinite, left);
        using var server = Start(out var accepting);
        DuplexStream client = _listener.Connect();
        await client.WriteAsync(new Request("", Verb.List, [], new Dictionary<string, string>()).ToFrame(1)!);
        await _listener.Taken(1);

        await client.DisposeAsync();

        await Eventually.HoldsAsync(
            "the log says so",
            () => _log.All.Any(line => line.EndsWith("info client disconnected before its answer", StringComparison.Ordinal)));
        await End(server, accepting);
    }

    [Fact]
    public async Task An_answer_under_way_goes_out_while_the_daemon_stops()
    {
        var gate = new TaskCompletionSource();
        _before = stop => gate.Task.WaitAsync(stop);
        using var server = Start(out var accepting);
        var asked = Ask();
        await _listener.Taken(1);
        await Stop(accepting);

        var draining = server.DrainAsync(TimeSpan.FromSeconds(3));
        Assert.False(draining.IsCompleted);
        gate.SetResult();

        Assert.Equal("answer\n", await asked);
        await draining;
    }

    [Fact]
    public async Task An_answer_that_takes_too_long_does_not_hold_up_the_end()
    {
        _before = static stop => Task.Delay(Timeout.Infinite, stop);
        using var server = Start(out var accepting);
        var asked = Ask();
        await _listener.Taken(1);
        await Stop(accepting);

        var draining = server.DrainAsync(TimeSpan.FromSeconds(3));
        await _clock.TimersSet(1);
        _clock.Advance(TimeSpan.FromSeconds(3));

        await draining;
        Assert.Null(await asked);
    }

    [Fact]
    public async Task Who_asks_the_daemon_to_stop_is_kept_until_the_end_of_the_process()
    {
        using var server = Start(out var accepting);
        var client = _listener.Connect();
        await client.WriteAsync(Frame.Join(FrameType.Leave, 1, ShutdownRequest.FromPerson));

        Assert.Equal("a client asked it to stop", await server.ShutdownAsked);
        var closed = client.ReadAsync(new byte[1]).AsTask();
        await End(server, accepting);
        Assert.False(closed.IsCompleted);
    }

    [Fact]
    public async Task A_daemon_that_lost_its_socket_stops_at_the_next_look()
    {
        var watch = new Watch(_listener, static () => TimeSpan.Zero, static () => TimeSpan.FromHours(12));
        watch.Look();
        Assert.False(watch.Ended.IsCompleted);

        _listener.IsLost = true;
        watch.Look();

        Assert.Equal("the socket is no longer ours", await watch.Ended);
    }

    [Theory]
    [InlineData(12 * 60 - 1, false)]
    [InlineData(12 * 60, true)]
    public void A_daemon_that_nobody_asked_for_twelve_hours_stops(int minutes, bool leaves)
    {
        var watch = new Watch(_listener, () => TimeSpan.FromMinutes(minutes), static () => TimeSpan.FromHours(12));
        watch.Look();

        Assert.Equal(leaves, watch.Ended.IsCompleted);
    }

    [Fact]
    public void Zero_means_never()
    {
        var watch = new Watch(_listener, static () => TimeSpan.FromDays(1000), static () => TimeSpan.Zero);
        watch.Look();

        Assert.False(watch.Ended.IsCompleted);
    }

    private Server Start(out Task accepting, int most = 1024, TimeProvider? time = null)
    {
        var server = new Server(_listener, new FrameServer(AnswerAsync, time ?? TimeProvider.System), most, _clock, _faults, _log.Logger);
        accepting = server.RunAsync(_stopping.Token);
        return server;
    }

    private async Task<Reply> AnswerAsync(Request request, CancellationToken cancellationToken)
    {
        await _before(cancellationToken);
        return new Reply(0, "answer\n"u8.ToArray(), [], "");
    }

    /// <summary>What the daemon answers, or null when it closes the connection without an answer.</summary>
    private async Task<string?> Ask()
    {
        // The request is there when the client arrives: one that has not spoken yet may be let go for the next.
        var (client, daemon) = DuplexStream.Pair();
        await client.WriteAsync(new Request("", Verb.List, [], new Dictionary<string, string>()).ToFrame(1)!);
        _listener.Arrive(() => daemon);
        var bytes = new MemoryStream();
        await client.CopyToAsync(bytes);
        return bytes.Length == 0
            ? null
            : System.Text.Encoding.UTF8.GetString(Reply.Parse(bytes.ToArray().AsSpan(Frame.HeaderLength))!.Stdout);
    }

    private async Task End(Server server, Task accepting)
    {
        await Stop(accepting);
        await server.DrainAsync(TimeSpan.FromSeconds(3));
    }

    private async Task Stop(Task accepting)
    {
        await _stopping.CancelAsync();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A listener that accepts whatever the test sends.</summary>
    private sealed class FakeListener : Listener
    {
        private readonly Channel<Func<Stream?>> _arriving = Channel.CreateUnbounded<Func<Stream?>>();
        private int _accepted;

        public bool IsLost { get; set; }

        public int Accepted => Volatile.Read(ref _accepted);

        public void Arrive(Func<Stream?> what) => _arriving.Writer.TryWrite(what);

        public DuplexStream Connect()
        {
            var (client, daemon) = DuplexStream.Pair();
            Arrive(() => daemon);
            return client;
        }

        public async Task Taken(int count)
        {
            while (Accepted < count)
            {
                await Task.Yield();
            }
        }

        public override Stream? Accept(CancellationToken cancellationToken)
        {
            Func<Stream?> next = _arriving.Reader.ReadAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
            Interlocked.Increment(ref _accepted);
            return next();
        }

        public override bool IsStillOurs() => !IsLost;

        public override void Dispose() => _arriving.Writer.TryComplete();
    }
}
