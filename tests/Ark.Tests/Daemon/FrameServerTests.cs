using System.Buffers.Binary;
using System.Text;
using Ark.Daemon.Listening;
using Ark.Testing;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class FrameServerTests
{
    private readonly ManualClock _clock = new();
    private readonly List<Request> _asked = [];
    private byte[] _stdout = "answer\n"u8.ToArray();

    public static TheoryData<byte[]> NotFrames => new((byte[][])
    [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(),
        [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, .. new byte[32]],
        "SSH-2.0-OpenSSH_9.9 something\r\n"u8.ToArray(),
        Header(length: 0),
        Header(length: 65_537),
        Header(length: 0x7FFF_FFFF),
        Header(length: 0x8000_0000),
        Header(length: 0xFFFF_FFFF),
        Header(type: 0x81, length: 1, body: [0]),
        Header(type: 0x82, length: 1, body: [0]),
        Header(type: 0x83, length: 1, body: [0]),
        Header(type: 0xFF, length: 1, body: [0]),
        [.. Header()[..6], 1, 0, .. Header()[8..]],
    ]);

    public static TheoryData<byte[]> MalformedBodies => new((byte[][])
    [
        [0],
        [5, 0, (byte)'0'],
        [0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF],
        [0, 0, 1, 0, 0, 0, 0, 1, 0],
        [2, 0, 0xC3, 0x28, 1, 0, 0, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0, 0, 1, 0, 4, 0, .. "PATH"u8, 1, 0, (byte)'x'],
        [0, 0, 1, 0, 0, 0, 0, 2, 0, 4, 0, .. "HOME"u8, 1, 0, (byte)'/', 4, 0, .. "HOME"u8, 1, 0, (byte)'/'],
        [0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        [.. Enumerable.Repeat((byte)'[', 60 * 1024)],
    ]);

    [Fact]
    public async Task A_request_gets_its_answer_with_its_own_id()
    {
        var (client, served) = Connect();
        await client.WriteAsync(Ask("host", 7));

        Assert.Equal((FrameType.Reply, 7UL, "answer\n"), await ReadReply(client));
        Assert.Equal(Served.Answered, await served);
        Assert.Equal("host", Assert.Single(_asked).Build);
    }

    [Theory]
    [InlineData("HOME")]
    [InlineData("AWS_CONFIG_FILE")]
    [InlineData("GNUPGHOME")]
    public async Task A_request_that_names_files_which_its_client_sees_differently_is_sent_back(string name)
    {
        var (client, served) = ConnectFromElsewhere();
        await client.WriteAsync(
            new Request("0.1.0", Verb.Get, "host"u8.ToArray(), new Dictionary<string, string> { [name] = "/x" }).ToFrame(7));

        var (frame, body) = await ReadFrame(client);

        Assert.Equal((FrameType.SentBack, 7UL, Frame.SentBackVersion, Build.Current), (
            frame.Type, frame.RequestId, frame.Version, Encoding.UTF8.GetString(body)));
        Assert.Equal(Served.SentBack, await served);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task A_path_to_validate_is_sent_back_too_and_what_names_no_file_is_answered()
    {
        var (client, served) = ConnectFromElsewhere();
        await client.WriteAsync(new Request("0.1.0", Verb.Validate, "/x"u8.ToArray(), new Dictionary<string, string>()).ToFrame(7));
        Assert.Equal(Served.SentBack, await served);

        (client, served) = ConnectFromElsewhere();
        await client.WriteAsync(
            new Request("0.1.0", Verb.Get, "host"u8.ToArray(), new Dictionary<string, string> { ["AWS_REGION"] = "x" }).ToFrame(7));
        Assert.Equal(Served.Answered, await served);
    }

    [Fact]
    public async Task A_client_that_closes_its_half_after_the_request_still_gets_the_answer()
    {
        var (client, served) = Connect();
        await client.WriteAsync(Ask());
        client.EndWriting();

        Assert.Equal("answer\n", (await ReadReply(client)).Stdout);
        Assert.Equal(Served.Answered, await served);
    }

    [Fact]
    public async Task What_follows_the_request_is_never_read()
    {
        var (client, served) = Connect();
        await client.WriteAsync((byte[])[.. Ask("first"), .. Ask("second")]);

        Assert.Equal(Served.Answered, await served);
        Assert.Equal("first", Assert.Single(_asked).Build);
    }

    [Fact]
    public async Task Nothing_at_all_ends_after_two_seconds()
    {
        var (_, served) = Connect();
        await _clock.TimersSet(1);

        _clock.Advance(TimeSpan.FromMilliseconds(1999));
        Assert.False(served.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(Served.Broken, await served);
    }

    [Fact]
    public async Task A_frame_that_dribbles_has_two_seconds_for_all_of_it()
    {
        var (client, served) = Connect();
        var frame = Ask();
        await _clock.TimersSet(1);
        for (var i = 0; i < 20; i++)
        {
            await client.WriteAsync(frame.AsMemory(i, 1));
            _clock.Advance(TimeSpan.FromMilliseconds(99));
            Assert.False(served.IsCompleted);
        }

        await client.WriteAsync(frame.AsMemory(20, 1));
        _clock.Advance(TimeSpan.FromMilliseconds(20));

        Assert.Equal(Served.Broken, await served);
        Assert.Empty(_asked);
    }

    [Theory]
    [MemberData(nameof(NotFrames))]
    public async Task What_is_no_request_gets_no_answer(byte[] bytes)
    {
        var (client, served) = Connect();
        await client.WriteAsync(bytes);

        Assert.Equal(Served.NoFrame, await served);
        Assert.Empty(_asked);
        Assert.Equal(0, await client.ReadAsync(new byte[1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(19)]
    [InlineData(20)]
    [InlineData(21)]
    public async Task A_client_that_ends_early_is_let_go(int sent)
    {
        var (client, served) = Connect();
        await client.WriteAsync(Ask().AsMemory(0, sent));
        client.EndWriting();

        Assert.Equal(Served.NoFrame, await served);
        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(255)]
    public async Task Another_version_is_told_ours(byte version)
    {
        var (client, served) = Connect();
        await client.WriteAsync(Header(version, length: 1, body: ShutdownRequest.FromPerson));

        var (frame, body) = await ReadFrame(client);
        Assert.Equal((FrameType.OtherVersion, Frame.CurrentVersion, 42UL), (frame.Type, frame.Version, frame.RequestId));
        Assert.Equal(Build.Current, Encoding.UTF8.GetString(body));
        Assert.Equal(Served.OtherVersion, await served);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    public async Task Leave_is_understood_from_every_version_and_leaves_the_connection_open(byte version)
    {
        var (client, served) = Connect(out var daemon);
        await client.WriteAsync(Header(version, type: (byte)FrameType.Leave, length: 1, body: ShutdownRequest.FromPerson));

        Assert.Equal(Served.Shutdown, await served);
        Assert.False(daemon.IsDisposed);
    }

    [Theory]
    [InlineData(0x03)]
    [InlineData(0x7F)]
    public async Task An_unknown_type_is_refused_with_a_word(byte type)
    {
        var (client, served) = Connect();
        await client.WriteAsync(Header(type: type, length: 1, body: [0]));

        Assert.Equal((FrameType.Reply, 42UL, $"unknown frame type {type}\n"), await ReadReply(client));
        Assert.Equal(Served.NoFrame, await served);
    }

    [Theory]
    [MemberData(nameof(MalformedBodies))]
    public async Task A_malformed_body_is_refused_with_a_word(byte[] body)
    {
        var (client, served) = Connect();
        await client.WriteAsync(Frame.Join(FrameType.Request, 42, body));

        Assert.Equal((FrameType.Reply, 42UL, "malformed request\n"), await ReadReply(client));
        Assert.Equal(Served.NoFrame, await served);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_answer_has_two_seconds()
    {
        _stdout = new byte[600_000];
        var (client, served) = Connect(out _, room: 4096);
        await client.WriteAsync(Ask());
        await _clock.TimersSet(1);
        while (_asked.Count == 0 || _clock.ActiveTimers == 0)
        {
            await Task.Yield();
        }

        Assert.False(served.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(Served.Broken, await served);
        Assert.All(_stdout, b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task A_client_that_disconnects_before_its_answer_is_no_fault()
    {
        var gate = new TaskCompletionSource();
        var (client, daemon) = DuplexStream.Pair();
        var served = new FrameServer(
            async (_, _) =>
            {
                await gate.Task;
                return new Reply(0, [], [], "");
            },
            _clock).ServeAsync(new Broken(daemon), CancellationToken.None);
        await client.WriteAsync(Ask());
        await client.DisposeAsync();
        gate.SetResult();

        Assert.Equal(Served.Disconnected, await served);
    }

    [Fact]
    public async Task A_client_that_disconnects_ends_what_only_it_waits_for()
    {
        var (client, daemon) = DuplexStream.Pair();
        Task<Served> served = new FrameServer(ForEverAsync, _clock).ServeAsync(daemon, CancellationToken.None);
        await client.WriteAsync(Ask());

        await client.DisposeAsync();

        Assert.Equal(Served.Disconnected, await served);
    }

    [Fact]
    public async Task A_client_that_has_only_finished_speaking_is_answered_when_the_answer_comes()
    {
        var gate = new TaskCompletionSource<Reply>();
        var (client, daemon) = DuplexStream.Pair();
        Task<Served> served = new FrameServer((_, left) => gate.Task.WaitAsync(left), _clock).ServeAsync(daemon, CancellationToken.None);
        await client.WriteAsync(Ask());
        client.EndWriting();
        Assert.False(served.IsCompleted);

        gate.SetResult(new Reply(0, "answer\n"u8.ToArray(), [], ""));

        Assert.Equal("answer\n", (await ReadReply(client)).Stdout);
        Assert.Equal(Served.Answered, await served);
    }

    [Fact]
    public async Task The_client_that_has_been_silent_for_longest_is_let_go_first()
    {
        var frames = new FrameServer(Answer, _clock);
        var (first, firstDaemon) = DuplexStream.Pair();
        var (second, secondDaemon) = DuplexStream.Pair();
        Task<Served> one = frames.ServeAsync(firstDaemon, CancellationToken.None);
        Task<Served> other = frames.ServeAsync(secondDaemon, CancellationToken.None);

        frames.DropOldestSilent();

        Assert.Equal(Served.Broken, await one);
        await second.WriteAsync(Ask());
        Assert.Equal(Served.Answered, await other);
        frames.DropOldestSilent();
        await first.DisposeAsync();
    }

    [Fact]
    public async Task The_secret_of_an_answer_is_wiped_when_it_is_sent()
    {
        var (client, served) = Connect();
        await client.WriteAsync(Ask());
        await served;

        Assert.All(_stdout, b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task An_answer_under_way_is_broken_off_when_the_daemon_can_wait_no_longer()
    {
        var abandoning = new CancellationTokenSource();
        var (client, daemon) = DuplexStream.Pair();
        var served = new FrameServer(
            ForEverAsync, _clock).ServeAsync(daemon, abandoning.Token);
        await client.WriteAsync(Ask());

        await abandoning.CancelAsync();

        Assert.Equal(Served.Broken, await served);
    }

    private static byte[] Ask(string build = "0.1.0", ulong id = 42) =>
        new Request(build, Verb.Get, "host"u8.ToArray(), new Dictionary<string, string>()).ToFrame(id)!;

    private static byte[] Header(byte version = 1, byte type = 1, uint length = 1, byte[]? body = null)
    {
        var bytes = new byte[Frame.HeaderLength];
        "ARK\x1A"u8.CopyTo(bytes);
        bytes[4] = version;
        bytes[5] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(12), 42);
        return [.. bytes, .. body ?? []];
    }

    private static async Task<(FrameType Type, ulong Id, string Stdout)> ReadReply(DuplexStream client)
    {
        var (frame, body) = await ReadFrame(client);
        return (frame.Type, frame.RequestId, Encoding.UTF8.GetString(Reply.Parse(body)!.Stdout));
    }

    private static async Task<(Frame, byte[])> ReadFrame(DuplexStream client)
    {
        var header = new byte[Frame.HeaderLength];
        await client.ReadExactlyAsync(header);
        Assert.True(Frame.TryRead(header, out var frame));
        var body = new byte[frame.Length];
        await client.ReadExactlyAsync(body);
        return (frame, body);
    }

    private (DuplexStream Client, Task<Served> Served) Connect() => Connect(out _);

    private (DuplexStream Client, Task<Served> Served) Connect(out DuplexStream daemon, int room = 1 << 20)
    {
        (DuplexStream client, daemon) = DuplexStream.Pair(room);
        Task<Served> served = ServeAsync(daemon);
        return (client, served);
    }

    private (DuplexStream Client, Task<Served> Served) ConnectFromElsewhere()
    {
        var (client, daemon) = DuplexStream.Pair(1 << 20);
        return (client, ServeAsync(daemon, _ => false));
    }

    private async Task<Served> ServeAsync(DuplexStream daemon, Predicate<Stream>? seesOurFiles = null)
    {
        var served = await new FrameServer(Answer, _clock, seesOurFiles).ServeAsync(daemon, CancellationToken.None);
        if (served != Served.Shutdown)
        {
            await daemon.DisposeAsync();
        }

        return served;
    }

    private Task<Reply> Answer(Request request, CancellationToken cancellationToken)
    {
        _asked.Add(request);
        return Task.FromResult(new Reply(0, _stdout, [], "0.1.0"));
    }

    private static async Task<Reply> ForEverAsync(Request request, CancellationToken stop)
    {
        await Task.Delay(Timeout.Infinite, stop);
        throw new InvalidOperationException();
    }

    /// <summary>Reads well, and finds on writing that nobody is there.</summary>
    private sealed class Broken(DuplexStream inner) : ConnectionStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("broken pipe");
    }
}
