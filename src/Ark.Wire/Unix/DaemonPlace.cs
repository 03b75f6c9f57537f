using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Ark.Wire.Unix;

/// <summary>
/// The place of this user's one daemon: a lock that is held for life, and the socket that listens. Whoever starts a daemon takes the place
/// and hands it over, as systemd does, so that requests wait in the system's queue while the daemon is still starting.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class DaemonPlace : IDisposable
{
    /// <summary>The descriptors that a daemon finds the two at when they are handed over to it.</summary>
    public const int SocketDescriptor = 0, LockDescriptor = 3;

    /// <summary>How many connections may wait; the system caps it at its own limit.</summary>
    private const int Backlog = 4096;

    private const int ErrorDescriptor = 2;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(20);

    private readonly bool _handedOver;

    private DaemonPlace(SafeFileHandle held, int socket, bool handedOver = false)
    {
        Lock = held;
        Socket = socket;
        _handedOver = handedOver;
    }

    public SafeFileHandle Lock { get; }

    public int Socket { get; }

    /// <summary>Takes the place: lock, look, remove only a socket that is ours and dead, listen.</summary>
    /// <param name="directory">Ours, 0700.</param>
    /// <param name="path">The socket's, in that directory.</param>
    /// <param name="answers">Whether somebody answers at that path.</param>
    public static PlaceResult Take(string directory, string path, Func<bool> answers)
    {
        try
        {
            return TakeLock(LockPath(directory), answers) is { } held
                ? Listen(directory, path, held, answers)
                : TakeOver(directory, path, answers);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refused(directory, e.Message);
        }
    }

    /// <summary>
    /// The place that whoever started this process took for it; null when there is none. Standard input is the null device then.
    /// </summary>
    public static PlaceResult? TakeHandedOver(string directory)
    {
        if (!Sockets.IsListening(SocketDescriptor))
        {
            return null;
        }

        // Listening once more makes the system name us, and not our starter, to whoever connects.
        int socket = Sockets.CloseOnExec(Libc.dup(SocketDescriptor));
        if (socket < 0 || Sockets.listen(socket, Backlog) != 0)
        {
            return Refused(directory, $"cannot listen: {LastError()}");
        }

        Libc.ToNullDevice(SocketDescriptor);
        var held = new SafeFileHandle(Sockets.CloseOnExec(LockDescriptor), ownsHandle: true);
        if (FileIdentity.OfDescriptor(LockDescriptor) is { } ours
            && ours == FileIdentity.OfPath(LockPath(directory))
            && Libc.flock(held, Libc.LOCK_EX | Libc.LOCK_NB) == 0)
        {
            return new PlaceResult.Taken(new DaemonPlace(held, socket, handedOver: true));
        }

        held.Dispose();
        _ = Libc.close(socket);
        return Refused(directory, $"the socket was handed over without the lock {LockPath(directory)}");
    }

    public static string LockPath(string directory) => Path.Combine(directory, "arkd.lock");

    /// <summary>
    /// Tells whoever started this process that it is ready: our standard error, which was a line to the starter until now, is the null
    /// device.
    /// </summary>
    public void TellReady()
    {
        if (_handedOver)
        {
            Libc.ToNullDevice(ErrorDescriptor);
        }
    }

    /// <summary>
    /// Closes this process's ends of both. The lock file stays: without it two daemons could hold locks on two files of one name.
    /// </summary>
    public void Dispose()
    {
        _ = Libc.close(Socket);
        Lock.Dispose();
    }

    /// <summary>The lock for life; null when somebody has it.</summary>
    private static SafeFileHandle? TakeLock(string path, Func<bool> answers)
    {
        // Whoever has the lock and does not answer is about to listen, or has just closed its door; either is worth a second.
        TimeSpan pause = TimeSpan.FromMilliseconds(1);
        for (TimeSpan waited = TimeSpan.Zero; waited < TimeSpan.FromSeconds(1); waited += pause)
        {
            if (LockFile.TryTake(path) is { } held)
            {
                return held;
            }

            if (answers())
            {
                return null;
            }

            Thread.Sleep(pause);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        return null;
    }

    /// <summary>
    /// Somebody has the lock. If nobody answers at the socket, it is a daemon whose socket was removed: it leaves when it looks the
    /// next time, which is no reason to wait. Its lock file is replaced, by one process at a time and until the new one listens.
    /// </summary>
    private static PlaceResult TakeOver(string directory, string path, Func<bool> answers)
    {
        using SafeFileHandle? alone = LockFile.TryTake($"{LockPath(directory)}.new");
        if (alone is null || answers())
        {
            return new PlaceResult.Occupied();
        }

        _ = Libc.unlink(LockPath(directory));
        return LockFile.TryTake(LockPath(directory)) is { } held ? Listen(directory, path, held, answers) : new PlaceResult.Occupied();
    }

    private static PlaceResult Listen(string directory, string path, SafeFileHandle held, Func<bool> answers)
    {
        switch (FileIdentity.OfPath(path))
        {
            case null:
                break;

            case { IsSocket: true, IsOurs: true } when answers():
                held.Dispose();
                return new PlaceResult.Occupied();

            case { IsSocket: true, IsOurs: true }:
                // Nobody answers and we hold the lock: its owner was killed. The new one takes its place below.
                break;

            default:
                held.Dispose();
                return new PlaceResult.Refused(
                    $"{path} is in the way and is not a socket of ours", $"move it away with: mv {path} {path}.old");
        }

        // Bound under a name that nobody looks for and renamed when it listens: no client can meet it half made. Its mode is set before
        // and after, whatever the umask is, so that it is 0600 from the first moment at which somebody could connect.
        const uint OwnerOnly = 0x180; // 0600
        string unpublished = Path.Combine(directory, $".{Environment.ProcessId:x}");
        _ = Libc.unlink(unpublished);
        int socket = Sockets.New();
        if (socket < 0)
        {
            string shortage = $"cannot open a socket: {LastError()}";
            held.Dispose();
            return new PlaceResult.Refused(shortage, "raise the limit on open files with: ulimit -n 256");
        }

        _ = Libc.fchmod(socket, OwnerOnly);
        if (Sockets.Bind(socket, unpublished)
            && Libc.chmod(unpublished, OwnerOnly) == 0
            && Sockets.listen(socket, Backlog) == 0
            && Libc.rename(unpublished, path) == 0)
        {
            return new PlaceResult.Taken(new DaemonPlace(held, socket));
        }

        string reason = $"cannot listen at {path}: {LastError()}";
        _ = Libc.close(socket);
        _ = Libc.unlink(unpublished);
        held.Dispose();
        return Refused(directory, reason);
    }

    private static PlaceResult.Refused Refused(string directory, string message) =>
        new(message, $"look at the directory with: ls -la {directory}");

    private static string LastError() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()).ToLowerInvariant();
}

/// <summary>What trying to take the place of the daemon came to.</summary>
[UnsupportedOSPlatform("windows")]
internal abstract record PlaceResult
{
    private PlaceResult()
    {
    }

    internal sealed record Taken(DaemonPlace Place) : PlaceResult;

    /// <summary>Another daemon has it already, or is about to.</summary>
    internal sealed record Occupied : PlaceResult;

    /// <param name="Message">What is in the way, one line.</param>
    /// <param name="Hint">The command that repairs it.</param>
    internal sealed record Refused(string Message, string Hint) : PlaceResult;
}
