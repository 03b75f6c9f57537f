using System.Net.Sockets;
using System.Runtime.Versioning;
using Ark.Wire;
using Ark.Wire.Unix;
using Microsoft.Win32.SafeHandles;

namespace Ark.Daemon.Listening;

/// <summary>
/// A Unix domain socket in a directory that only we can enter. A raw socket rather than a named-pipe stream, which deletes files
/// in its way, hides who is connecting until it throws, and dies of a foreign peer.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class SocketListener : Listener
{
    private readonly Socket _socket;
    private readonly SafeFileHandle? _lock;
    private readonly string _path;
    private readonly FileIdentity? _identity;
    private readonly DaemonPlace? _place;

    /// <param name="socket">Listens.</param>
    /// <param name="held">The lock for life, if we have it.</param>
    /// <param name="path">Where the socket is.</param>
    /// <param name="place">Ours to give up at the end; null where the socket is the service manager's.</param>
    private SocketListener(Socket socket, SafeFileHandle? held, string path, DaemonPlace? place)
    {
        _socket = socket;
        _lock = held;
        _path = path;
        _place = place;
        _identity = FileIdentity.OfPath(path);
    }

    public static new ListenResult Open(DaemonAddress.Found address, Func<string, string?> environment)
    {
        try
        {
            if (ServiceManager.TakeSocket(environment) is { } inherited)
            {
                // Whoever holds the socket of the unit is the daemon; a self-started one that still has the lock sees its socket
                // replaced and leaves. The unit says where the socket is.
                SafeFileHandle? held = LockFile.TryTake(DaemonPlace.LockPath(address.Directory));
                return new ListenResult.Listening(new SocketListener(inherited, held, $"{inherited.LocalEndPoint}", place: null));
            }

            return (DaemonPlace.TakeHandedOver(address.Directory) ?? DaemonPlace.Take(address.Directory, address.Name, () =>
                Sockets.Answers(address.Name))) switch
            {
                PlaceResult.Taken(var place) => new ListenResult.Listening(
                    new SocketListener(new Socket(new SafeSocketHandle(place.Socket, ownsHandle: true)), place.Lock, address.Name, place)),
                PlaceResult.Refused(var message, var hint) => new ListenResult.Refused(message, hint),
                _ => new ListenResult.AlreadyRunning(),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            return new ListenResult.Refused(e.Message, $"look at the directory with: ls -la {address.Directory}");
        }
    }

    public override async Task<Stream?> AcceptAsync(CancellationToken cancellationToken)
    {
        Socket peer = await _socket.AcceptAsync(cancellationToken);

        // The system's own word on who connected; root is somebody else too.
        if (Sockets.PeerIsUs((int)peer.Handle, out _))
        {
            return new NetworkStream(peer, ownsSocket: true);
        }

        peer.Dispose();
        return null;
    }

    public override void TellReady() => _place?.TellReady();

    public override bool IsStillOurs() => _identity is not null && FileIdentity.OfPath(_path) == _identity;

    public override void Dispose()
    {
        // Before closing, and never removing what is not ours: the next daemon may be listening there already. A socket of
        // the service manager stays for the next start.
        if (_place is not null && IsStillOurs())
        {
            _ = Libc.unlink(_path);
        }

        _socket.Dispose();

        // The lock file itself stays: removing it would let two daemons hold locks on two files of one name.
        _lock?.Dispose();
    }
}
