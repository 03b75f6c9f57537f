using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Ark.Wire;
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
    private readonly int _awake;
    private readonly int _wake;

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
        _socket.Blocking = false;
        _ = Sockets.NewPair(out _awake, out _wake);
    }

    private int Descriptor => (int)_socket.Handle;

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

    /// <summary>As many threads as processors, up to four: they do all the work where the answers are in memory.</summary>
    public override int Acceptors => Math.Clamp(Environment.ProcessorCount, 1, 4);

    public override Stream? Accept(CancellationToken cancellationToken)
    {
        while (true)
        {
            int peer = Sockets.Accept(Descriptor);
            if (peer >= 0)
            {
                return Admit(peer);
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case 11 or 35: // EAGAIN
                    Wait(cancellationToken);
                    break;

                case Sockets.EINTR:
                    break;

                case 103 or 53: // ECONNABORTED
                    return null;

                default:
                    throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            }
        }
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
        _ = Libc.close(_awake);
        _ = Libc.close(_wake);

        // The lock file itself stays: removing it would let two daemons hold locks on two files of one name.
        _lock?.Dispose();
    }

    /// <summary>The system's own word on who connected counts; root is somebody else too.</summary>
    private ClientSocket? Admit(int peer)
    {
        if (Sockets.PeerIsUs(peer, out int process))
        {
            return new ClientSocket(peer, Descriptor, process);
        }

        _ = Libc.close(peer);
        return null;
    }

    /// <summary>Until somebody knocks, or we are to stop.</summary>
    private unsafe void Wait(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration waking =
            cancellationToken.UnsafeRegister(static self => ((SocketListener)self!).WakeAll(), this);
        Sockets.PollDescriptor* both = stackalloc Sockets.PollDescriptor[2];
        both[0] = new Sockets.PollDescriptor { Descriptor = Descriptor, Events = Sockets.POLLIN };
        both[1] = new Sockets.PollDescriptor { Descriptor = _awake, Events = Sockets.POLLIN };
        _ = Sockets.poll(both, 2, -1);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Nobody ever reads the byte, so that every thread sees it.</summary>
    private unsafe void WakeAll()
    {
        byte any = 0;
        _ = Sockets.send(_wake, &any, 1, Sockets.MSG_DONTWAIT);
    }
}
