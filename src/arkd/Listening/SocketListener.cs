using System.Net.Sockets;
using System.Runtime.InteropServices;
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
internal sealed unsafe partial class SocketListener : Listener
{
    /// <summary>How many connections may wait; the system caps it at its own limit.</summary>
    private const int Backlog = 4096;

    private readonly Socket _socket;
    private readonly SafeFileHandle? _lock;
    private readonly string _path;
    private readonly FileIdentity? _identity;
    private readonly bool _inherited;
    private readonly int _awake;
    private readonly int _wake;

    private SocketListener(Socket socket, SafeFileHandle? held, string path, bool inherited)
    {
        _socket = socket;
        _lock = held;
        _path = path;
        _inherited = inherited;
        _identity = FileIdentity.OfPath(path);
        _socket.Blocking = false;

        int* ends = stackalloc int[2];
        _ = pipe(ends);
        (_awake, _wake) = (ends[0], ends[1]);
        foreach (int end in (int[])[_awake, _wake])
        {
            _ = ioctl(end, OperatingSystem.IsMacOS() ? 0x2000_6601u : 0x5451u /* FIOCLEX */);
        }
    }

    private static uint Us { get; } = Libc.geteuid();

    private int Descriptor => (int)_socket.Handle;

    public static new ListenResult Open(DaemonAddress.Found address, Func<string, string?> environment)
    {
        try
        {
            if (ServiceManager.TakeSocket(environment) is { } inherited)
            {
                // Whoever holds the socket of the unit is the daemon; a self-started one that still has the lock sees its socket
                // replaced and leaves. The unit says where the socket is.
                return new ListenResult.Listening(new SocketListener(inherited, LockFile.TryTake(LockPath(address)), $"{inherited.LocalEndPoint}", inherited: true));
            }

            return TakeLock(address) is { } held ? Bind(address, held) : TakeOver(address);
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
            const int CloseOnExec = 0x8_0000; // SOCK_CLOEXEC
            int peer = OperatingSystem.IsMacOS() ? accept(Descriptor, null, null) : accept4(Descriptor, null, null, CloseOnExec);
            if (peer >= 0)
            {
                _ = OperatingSystem.IsMacOS() ? ioctl(peer, 0x2000_6601 /* FIOCLEX */) : 0;
                return Admit(peer);
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case 11 or 35: // EAGAIN
                    Wait(cancellationToken);
                    break;

                case 4: // EINTR
                    break;

                case 103 or 53: // ECONNABORTED
                    return null;

                default:
                    throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            }
        }
    }

    public override bool IsStillOurs() => _identity is not null && FileIdentity.OfPath(_path) == _identity;

    public override void Dispose()
    {
        // Before closing, and never removing what is not ours: the next daemon may be listening there already. A socket of
        // the service manager stays for the next start.
        if (!_inherited && IsStillOurs())
        {
            _ = Libc.unlink(_path);
        }

        _socket.Dispose();
        _ = Libc.close(_awake);
        _ = Libc.close(_wake);

        // The lock file itself stays: removing it would let two daemons hold locks on two files of one name.
        _lock?.Dispose();
    }

    private static string LockPath(DaemonAddress.Found address) => Path.Combine(address.Directory, "arkd.lock");

    /// <summary>The lock for life; null when somebody has it.</summary>
    private static SafeFileHandle? TakeLock(DaemonAddress.Found address)
    {
        // Whoever has the lock and does not answer is about to listen, or has just closed its door; either is worth a second.
        const int Tries = 50;
        for (int i = 0; i < Tries; i++)
        {
            if (LockFile.TryTake(LockPath(address)) is { } held)
            {
                return held;
            }

            if (Answers(address.Name))
            {
                return null;
            }

            Thread.Sleep(20);
        }

        return null;
    }

    /// <summary>
    /// Somebody has the lock. If nobody answers at the socket, it is a daemon whose socket was removed: it leaves when it looks the
    /// next time, which is no reason to wait. Its lock file is replaced, by one process at a time and until the new one listens.
    /// </summary>
    private static ListenResult TakeOver(DaemonAddress.Found address)
    {
        using SafeFileHandle? alone = LockFile.TryTake($"{LockPath(address)}.new");
        if (alone is null || Answers(address.Name))
        {
            return new ListenResult.AlreadyRunning();
        }

        _ = Libc.unlink(LockPath(address));
        return LockFile.TryTake(LockPath(address)) is { } held ? Bind(address, held) : new ListenResult.AlreadyRunning();
    }

    private static ListenResult Bind(DaemonAddress.Found address, SafeFileHandle held)
    {
        string path = address.Name;
        switch (FileIdentity.OfPath(path))
        {
            case null:
                break;

            case { IsSocket: true, IsOurs: true } when Answers(path):
                held.Dispose();
                return new ListenResult.AlreadyRunning();

            case { IsSocket: true, IsOurs: true }:
                // Nobody answers and we hold the lock: its owner was killed. The new one takes its place below.
                break;

            default:
                held.Dispose();
                return new ListenResult.Refused($"{path} is in the way and is not a socket of ours", $"move it away with: mv {path} {path}.old");
        }

        // Bound under a name that nobody looks for and renamed when it listens: no client can meet it half made, and .NET, which
        // removes the name that a socket was bound to when it closes it, can never remove that of another daemon.
        string unpublished = Path.Combine(address.Directory, $".{Environment.ProcessId:x}");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        uint before = Libc.umask(0x7F /* 0177 */);
        try
        {
            _ = Libc.unlink(unpublished);
            socket.Bind(new UnixDomainSocketEndPoint(unpublished));
            socket.Listen(Backlog);
            File.Move(unpublished, path, overwrite: true);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            socket.Dispose();
            held.Dispose();
            return new ListenResult.Refused($"cannot listen at {path}: {(e as SocketException)?.SocketErrorCode.ToString() ?? e.Message}", $"look at the directory with: ls -la {address.Directory}");
        }
        finally
        {
            _ = Libc.umask(before);
        }

        return new ListenResult.Listening(new SocketListener(socket, held, path, inherited: false));
    }

    private static bool Answers(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException e)
        {
            // A full queue is somebody's queue.
            return e.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain;
        }
    }

    private ClientSocket? Admit(int peer)
    {
        if (IsUs(peer))
        {
            return new ClientSocket(peer, Descriptor);
        }

        _ = Libc.close(peer);
        return null;
    }

    /// <summary>Until somebody knocks, or we are to stop.</summary>
    private void Wait(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration waking =
            cancellationToken.UnsafeRegister(static self => ((SocketListener)self!).WakeAll(), this);
        cancellationToken.ThrowIfCancellationRequested();
        ClientSocket.PollDescriptor* both = stackalloc ClientSocket.PollDescriptor[2];
        both[0] = new ClientSocket.PollDescriptor { Descriptor = Descriptor, Events = 1 /* POLLIN */ };
        both[1] = new ClientSocket.PollDescriptor { Descriptor = _awake, Events = 1 };
        _ = ClientSocket.poll(both, 2, -1);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Nobody ever reads the byte, so that every thread sees it.</summary>
    private void WakeAll()
    {
        byte any = 0;
        _ = write(_wake, &any, 1);
    }

    /// <summary>The system's own word on who connected; root is somebody else too.</summary>
    private static bool IsUs(int peer)
    {
        // Linux: SO_PEERCRED, process, user, group. macOS: LOCAL_PEERCRED, version, user.
        byte* credentials = stackalloc byte[128];
        uint length = 128;
        (int level, int option) = OperatingSystem.IsMacOS() ? (0, 1) : (1, 17);
        return getsockopt(peer, level, option, credentials, &length) == 0 && ((uint*)credentials)[1] == Us;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept(int descriptor, void* address, void* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int descriptor, void* address, void* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int descriptor, int level, int option, void* value, uint* length);

    [LibraryImport("libc")]
    private static partial int ioctl(int descriptor, nuint request);

    [LibraryImport("libc")]
    private static partial int pipe(int* ends);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, byte* bytes, nuint count);
}
