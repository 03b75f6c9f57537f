using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Ark.Daemon.Listening;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

[UnsupportedOSPlatform("windows")]
public sealed class SocketListenerTests : IDisposable
{
    private readonly string _root;
    private readonly DaemonAddress.Found _address;

    public SocketListenerTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there it is a named pipe");
        _root = $"/tmp/ark-{Guid.NewGuid().ToString("N")[..12]}";
        _address = Assert.IsType<DaemonAddress.Found>(DaemonAddress.Find(name => name == "ARK_RUNTIME_DIR" ? _root : null));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_connection_of_this_user_comes_in()
    {
        using var listener = Listening();
        using var client = Connect();
        await using Stream? connection = listener.Accept(CancellationToken.None);
        await client.SendAsync("x"u8.ToArray());

        Assert.Equal(1, await connection!.ReadAsync(new byte[2]));
    }

    [Fact]
    public async Task Waiting_for_a_connection_ends_when_the_daemon_does()
    {
        using var listener = Listening();
        using var stopping = new CancellationTokenSource();
        Task<Stream?> waiting = Task.Run(() => listener.Accept(stopping.Token));

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_client_that_has_disconnected_is_told_from_one_that_has_only_finished_speaking()
    {
        using var listener = Listening();
        using var client = Connect();
        await using var connection = (ClientSocket)listener.Accept(CancellationToken.None)!;
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, connection.TryRead(new byte[1]));
        Assert.False(connection.HasLeft);

        client.Dispose();

        Assert.True(connection.HasLeft);
    }

    [Fact]
    public async Task A_request_that_is_there_is_answered_in_the_thread_that_accepts()
    {
        using var listener = Listening();
        using var client = Connect();
        byte[] frame = new Request("", Verb.Get, "host"u8.ToArray(), new Dictionary<string, string>()).ToFrame(7)!;
        client.Send(frame);

        Assert.Equal((Served.Answered, true), await ServeAsync(listener, static () => { }));
        byte[] answer = new byte[1024];
        int length = client.Receive(answer);
        Assert.Equal("host"u8.ToArray(), Reply.Parse(answer.AsSpan(Frame.HeaderLength, length - Frame.HeaderLength))!.Stdout);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(25)]
    public async Task A_request_that_comes_in_pieces_is_put_together(int first)
    {
        using var listener = Listening();
        using var client = Connect();
        byte[] frame = new Request("", Verb.Get, "host"u8.ToArray(), new Dictionary<string, string>()).ToFrame(7)!;
        client.Send(frame.AsSpan(0, first));

        Assert.Equal((Served.Answered, false), await ServeAsync(listener, () => client.Send(frame.AsSpan(first))));
    }

    [Fact]
    public void The_socket_is_for_this_user_alone()
    {
        using var listener = Listening();

        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(_address.Name), 8));
    }

    [Fact]
    public async Task A_client_of_this_user_beside_us_sees_our_files()
    {
        using var listener = Listening();
        using var client = Connect();
        await using Stream? connection = listener.Accept(CancellationToken.None);

        Assert.True(PeerNamespace.IsOurs(connection!));
    }

    [Fact]
    public void A_second_daemon_learns_that_one_is_running_and_harms_nothing()
    {
        using var listener = Listening();

        Assert.IsType<ListenResult.AlreadyRunning>(Open());
        Assert.True(listener.IsStillOurs());
        using var client = Connect();
    }

    [Fact]
    public void A_socket_that_a_killed_daemon_left_is_replaced_at_once()
    {
        LeaveSocketBehind();

        using var listener = Listening();

        Assert.True(listener.IsStillOurs());
        using var client = Connect();
    }

    [Fact]
    public void A_socket_that_was_bound_and_never_listened_at_is_replaced_at_once()
    {
        using var bound = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bound.Bind(new UnixDomainSocketEndPoint(_address.Name));

        using var listener = Listening();

        using var client = Connect();
    }

    [Theory]
    [InlineData("file")]
    [InlineData("directory")]
    [InlineData("link")]
    [InlineData("link to a socket")]
    [InlineData("pipe")]
    public void Anything_else_in_the_way_is_refused_and_never_deleted(string what)
    {
        var elsewhere = Path.Combine(_root, "elsewhere");
        switch (what)
        {
            case "file":
                File.WriteAllText(_address.Name, "precious");
                break;
            case "directory":
                Directory.CreateDirectory(_address.Name);
                break;
            case "link":
                File.CreateSymbolicLink(_address.Name, elsewhere);
                break;
            case "link to a socket":
                LeaveSocketBehind();
                File.Move(_address.Name, elsewhere);
                File.CreateSymbolicLink(_address.Name, elsewhere);
                break;
            default:
                using (var process = Process.Start("mkfifo", [_address.Name]))
                {
                    process.WaitForExit();
                }

                break;
        }

        var refused = Assert.IsType<ListenResult.Refused>(Open());

        Assert.Contains("is in the way", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("move it away with: mv ", refused.Hint, StringComparison.Ordinal);
        Assert.True(Path.Exists(_address.Name) || new FileInfo(_address.Name).LinkTarget is not null);
        Assert.IsType<ListenResult.Refused>(Open());
    }

    [Fact]
    public void A_starter_that_stalls_before_it_listens_is_waited_for_and_not_replaced()
    {
        LeaveSocketBehind();
        PlaceResult? second = null;
        PlaceResult first = Take(answers: () =>
        {
            // The first has the lock now, and looks at the socket that is in its way.
            second ??= Take(static () => false);
            return false;
        });

        Assert.IsType<PlaceResult.Occupied>(second);
        using DaemonPlace place = Assert.IsType<PlaceResult.Taken>(first).Place;
        Assert.Equal(
            FileIdentity.OfPath(DaemonPlace.LockPath(_root)),
            FileIdentity.OfDescriptor((int)place.Lock.DangerousGetHandle()));
    }

    [Fact]
    public void A_starter_whose_lock_is_no_longer_the_one_that_is_named_publishes_no_socket()
    {
        LeaveSocketBehind();
        FileIdentity? dead = FileIdentity.OfPath(_address.Name);
        PlaceResult result = Take(() =>
        {
            File.Delete(DaemonPlace.LockPath(_root));
            return false;
        });

        Assert.IsType<PlaceResult.Occupied>(result);
        Assert.Equal(dead, FileIdentity.OfPath(_address.Name));
        Assert.Equal(["arkd.lock.new", "arkd.sock"], Directory.GetFiles(_root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void What_a_killed_starter_bound_and_did_not_name_is_replaced()
    {
        LeaveSocketBehind();
        File.Move(_address.Name, Path.Combine(_root, "arkd.new"));

        using var listener = Listening();

        using var client = Connect();
        Assert.Equal(["arkd.lock", "arkd.lock.new", "arkd.sock"], Directory.GetFiles(_root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Something_else_in_the_locks_place_is_refused()
    {
        File.CreateSymbolicLink(Path.Combine(_root, "arkd.lock"), Path.Combine(_root, "elsewhere"));

        Assert.IsType<ListenResult.Refused>(Open());
        Assert.False(File.Exists(Path.Combine(_root, "elsewhere")));
    }

    [Fact]
    public void A_lock_file_deleted_while_it_is_held_makes_no_second_daemon_while_the_first_answers()
    {
        using var listener = Listening();
        File.Delete(Path.Combine(_root, "arkd.lock"));

        Assert.IsType<ListenResult.AlreadyRunning>(Open());
        Assert.True(listener.IsStillOurs());
    }

    [Fact]
    public void A_daemon_that_ends_takes_its_socket_with_it_and_the_next_one_starts()
    {
        Listening().Dispose();
        Assert.False(Path.Exists(_address.Name));

        Listening().Dispose();
    }

    [Fact]
    public void A_daemon_whose_socket_was_removed_knows_and_so_does_one_whose_place_was_taken()
    {
        using var listener = Listening();
        File.Delete(_address.Name);
        Assert.False(listener.IsStillOurs());

        LeaveSocketBehind();
        Assert.False(listener.IsStillOurs());
    }

    [Fact]
    public void A_daemon_removes_its_own_socket_only()
    {
        var listener = Listening();
        File.Delete(_address.Name);
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(_address.Name));
        other.Listen();

        listener.Dispose();

        using var client = Connect();
    }

    [Fact]
    public void A_daemon_can_start_where_one_lives_on_that_lost_its_socket()
    {
        using var lost = Listening();
        File.Delete(_address.Name);

        using var listener = Listening();

        Assert.True(listener.IsStillOurs());
        Assert.False(lost.IsStillOurs());
        Assert.IsType<ListenResult.AlreadyRunning>(Open());
    }

    [Fact]
    public async Task Of_many_daemons_at_once_one_listens()
    {
        for (var round = 0; round < 20; round++)
        {
            LeaveSocketBehind();
            var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(Open)));
            var listening = results.OfType<ListenResult.Listening>().Select(result => result.Listener).ToList();

            Assert.Single(listening);
            Assert.True(listening[0].IsStillOurs());
            Assert.Equal(3, results.OfType<ListenResult.AlreadyRunning>().Count());
            listening[0].Dispose();
        }
    }

    private PlaceResult Take(Func<bool> answers) => DaemonPlace.Take(_root, _address.Name, answers);

    private ListenResult Open() => Listener.Open(_address, static _ => null);

    private Listener Listening() => Assert.IsType<ListenResult.Listening>(Open()).Listener;

    /// <summary>Answers the next client with what it sent, and says whether that was done at once.</summary>
    private static async Task<(Served Served, bool AtOnce)> ServeAsync(Listener listener, Action meanwhile)
    {
        var frames = new FrameServer(
            static (request, _) => Task.FromResult(new Reply(0, request.Payload[..], [], "")), TimeProvider.System);
        await using Stream connection = listener.Accept(CancellationToken.None)!;
#pragma warning disable CA2025 // It is awaited below.
        Task<Served> serving = frames.ServeAsync(connection, CancellationToken.None);
#pragma warning restore CA2025
        bool atOnce = serving.IsCompleted;
        meanwhile();
        return (await serving, atOnce);
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_address.Name));
        return socket;
    }

    /// <summary>.NET removes a socket's file when the socket is closed, so the file is kept under another name meanwhile.</summary>
    private void LeaveSocketBehind()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var aside = _address.Name + ".aside";
        socket.Bind(new UnixDomainSocketEndPoint(aside));
        socket.Listen();
        File.Move(aside, _address.Name, overwrite: true);
        socket.Dispose();
    }
}
