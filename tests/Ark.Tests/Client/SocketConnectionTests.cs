using System.Net.Sockets;
using System.Runtime.Versioning;
using Ark.Client;
using Ark.Testing;
using Ark.Tests.Wire;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Client;

/// <summary>
/// The client's end of a real socket, against servers that misbehave. Where time must pass, a manual clock has passed it already.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class SocketConnectionTests : IDisposable
{
    private readonly SomeDirectory _some = new();
    private readonly DaemonAddress.Found _address;
    private readonly Deadline _ample = new(TimeProvider.System, TimeSpan.FromSeconds(20));

    public SocketConnectionTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has pipes");
        _address = new DaemonAddress.Found(_some.Sub("s"), _some.Path);
    }

    public void Dispose() => _some.Dispose();

    [Fact]
    public void Nobody_there_is_absent()
    {
        Assert.IsType<ConnectResult.Absent>(SocketConnection.To(_address, _ample));
        File.WriteAllText(_address.Name, "");
        Assert.IsType<ConnectResult.Absent>(SocketConnection.To(_address, _ample));
    }

    [Fact]
    public void A_socket_that_its_owner_left_behind_is_absent()
    {
        using (Listen())
        {
        }

        // .NET removes the file of a socket that it closes; a killed process does not.
        File.Delete(_address.Name);
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(_address.Name));
            Assert.IsType<ConnectResult.Absent>(SocketConnection.To(_address, _ample));
        }
    }

    [Fact]
    public void A_full_queue_is_busy_and_not_waited_for_beyond_the_deadline()
    {
        using Socket server = Listen(backlog: 0);
        List<Connection> inQueue = [];
        ConnectResult result;
        while ((result = SocketConnection.To(_address, Passed())) is ConnectResult.Connected open && inQueue.Count < 10)
        {
            inQueue.Add(open.Connection);
        }

        Assert.IsType<ConnectResult.Busy>(result);
        inQueue.ForEach(open => open.Dispose());
    }

    [Fact]
    public async Task A_dribbling_answer_is_read_to_its_end()
    {
        using Socket server = Listen();
        using Connection connection = Open();
        using Socket peer = await server.AcceptAsync();
        byte[] sent = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        Task dribble = Task.Run(() => Array.ForEach(sent, one => peer.Send([one])));

        byte[] read = new byte[sent.Length];
        Assert.Equal(Transfer.Done, connection.Read(read, _ample));
        Assert.Equal(sent, read);
        await dribble;
    }

    [Fact]
    public async Task A_server_that_closes_ends_reading_and_writing()
    {
        using Socket server = Listen();
        using Connection connection = Open();
        using (Socket peer = await server.AcceptAsync())
        {
            peer.Send("half"u8);
        }

        Assert.Equal(Transfer.Closed, connection.Read(new byte[5], _ample));
        Assert.Equal(Transfer.Closed, connection.Write(new byte[100], _ample));
    }

    [Fact]
    public async Task A_silent_server_times_out()
    {
        using Socket server = Listen();
        using Connection connection = Open();
        using Socket peer = await server.AcceptAsync();
        Assert.Equal(Transfer.TimedOut, connection.Read(new byte[1], Passed()));
    }

    [Fact]
    public async Task What_is_there_already_is_read_even_when_time_is_up()
    {
        using Socket server = Listen();
        using Connection connection = Open();
        using Socket peer = await server.AcceptAsync();
        peer.Send("x"u8);
        Assert.Equal(Transfer.Done, connection.Read(new byte[1], Passed()));
    }

    [Fact]
    public async Task A_server_that_never_reads_times_out_the_writer()
    {
        using Socket server = Listen();
        using Connection connection = Open();
        using Socket peer = await server.AcceptAsync();
        Assert.Equal(Transfer.TimedOut, connection.Write(new byte[10_000_000], Passed()));
    }

    [Fact]
    public async Task A_slow_reader_gets_all_of_it()
    {
        using Socket server = Listen();
        using Connection connection = Open();
        using Socket peer = await server.AcceptAsync();
        byte[] sent = new byte[3_000_000];
        new Random(2).NextBytes(sent);
        Task<byte[]> reading = Task.Run(async () =>
        {
            byte[] all = new byte[sent.Length];
            await using var stream = new NetworkStream(peer);
            await stream.ReadExactlyAsync(all);
            return all;
        });

        Assert.Equal(Transfer.Done, connection.Write(sent, _ample));
        Assert.Equal(sent, await reading);
    }

    [Fact]
    public async Task A_whole_exchange_goes_over_a_real_socket()
    {
        using Socket server = Listen();
        using Connection connection = Open();
        using Socket peer = await server.AcceptAsync();
        Task answering = Task.Run(() =>
        {
            byte[] request = new byte[Frame.HeaderLength + 3];
            peer.Receive(request);
            peer.Send(new Reply(0, "ok"u8.ToArray(), [], "0.1.0").ToFrames(42).Single());
        });

        var answered = Assert.IsType<RoundTripResult.Answered>(
            RoundTrip.Ask(connection, Frame.Join(FrameType.Request, 42, "abc"u8), 42, _ample));
        Assert.Equal("ok"u8, answered.Reply.Stdout);
        await answering;
    }

    private static Deadline Passed() => new(new ManualClock(), TimeSpan.Zero);

    private Socket Listen(int backlog = 16)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_address.Name));
        socket.Listen(backlog);
        return socket;
    }

    private Connection Open() => Assert.IsType<ConnectResult.Connected>(SocketConnection.To(_address, _ample)).Connection;
}
