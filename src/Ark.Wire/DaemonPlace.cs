using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Ark.Wire;

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

    /// <summary>
    /// Takes the place: lock, look, remove only a socket that is ours and dead, listen. All of it under a second lock, that of the start, so
    /// that a starter, however slow, is never taken for a daemon that has lost its socket.
    /// </summary>
    /// <param name="directory">Ours, 0700.</param>
    /// <param name="path">The socket's, in that directory.</param>
    /// <param name="answers">Whether somebody answers at that path.</param>
    public static PlaceResult Take(string directory, string path, Func<bool> answers)
    {
        try
        {
            bool answered = false;
            bool Answers() => answered = answered || answers();

            using SafeFileHandle? start = TakeLock($"{LockPath(directory)}.new", Answers);
            return start is null ? new PlaceResult.Occupied()
                : (TakeLock(LockPath(directory), Answers) ?? TakeOver(directory, Answers)) is { } held
                    ? Listen(directory, path, held, Answers)
                : new PlaceResult.Occupied();
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

    /// <summary>A lock; null when somebody has it.</summary>
    private static SafeFileHandle? TakeLock(string path, Func<bool> answers)
    {
        // Whoever has it and does not answer is about to listen, or has just closed its door; either is worth a second.
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
    /// The lock for life, which another process has. If nobody answers at the socket, that is a daemon whose socket was removed: it leaves
    /// when it looks the next time, which is no reason to wait. Its lock file is replaced.
    /// </summary>
    private static SafeFileHandle? TakeOver(string directory, Func<bool> answers)
    {
        if (answers())
        {
            return null;
        }

        _ = Libc.unlink(LockPath(directory));
        return LockFile.TryTake(LockPath(directory));
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

        // Bound under a name that nobody looks for and renamed when it listens: no client can meet it half made. The name is always the
        // same, so that what a killed starter left is replaced. The mode is set before and after, whatever the umask is, so that it is 0600
        // from the first moment at which somebody could connect.
        const uint OwnerOnly = 0x180; // 0600
        string unpublished = Path.Combine(directory, "arkd.new");
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
            && Sockets.listen(socket, Backlog) == 0)
        {
            if (FileIdentity.OfPath(LockPath(directory)) != FileIdentity.OfDescriptor((int)held.DangerousGetHandle()))
            {
                // Somebody removed the lock file meanwhile: ours guards nothing any more.
                _ = Libc.close(socket);
                _ = Libc.unlink(unpublished);
                held.Dispose();
                return new PlaceResult.Occupied();
            }

            if (Libc.rename(unpublished, path) == 0)
            {
                return new PlaceResult.Taken(new DaemonPlace(held, socket));
            }
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

/// <summary>
/// An advisory lock on a file in the runtime directory, released by the system when its holder ends however it ends. It is
/// flock itself: FileShare.None can be switched off by an environment variable, and a named mutex is local to a process here.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static class LockFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Takes the lock without waiting; the handle holds it. Null when another process has it, or when the file was removed
    /// or replaced while we took it, in which case the lock would guard nothing.
    /// </summary>
    /// <exception cref="IOException">The file cannot be opened or is not a plain file of ours.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it be made.</exception>
    public static SafeFileHandle? TryTake(string path)
    {
        if (FileIdentity.OfPath(path) is not { } present)
        {
            Create(path);
        }
        else if (!present.IsRegularFile || !present.IsOurs)
        {
            throw new IOException($"{path} is not a plain file of this user; remove it");
        }
        else if ((present.Permissions & (int)OwnerOnly) != (int)OwnerOnly)
        {
            // Made under a umask that takes rights from the owner, whom it would keep out for ever. Its holder may live, so it stays the
            // same file; nobody else can put a link in its place.
            _ = Libc.chmod(path, (uint)OwnerOnly);
        }

        SafeFileHandle handle = Open(path);
        if (Libc.flock(handle, Libc.LOCK_EX | Libc.LOCK_NB) == 0
            && FileIdentity.OfPath(path) is { IsRegularFile: true, IsOurs: true } named
            && named == FileIdentity.OfDescriptor((int)handle.DangerousGetHandle()))
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>
    /// By the C library: FileStream takes a lock of its own on whatever it opens, and throws while another has ours. Never through a link,
    /// whoever put it there meanwhile.
    /// </summary>
    private static SafeFileHandle Open(string path)
    {
        int descriptor = Libc.open(path, Libc.O_RDWR | Libc.O_NOFOLLOW | Libc.O_CLOEXEC | Libc.O_NONBLOCK);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"cannot open {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>
    /// Makes the file where there is nothing, not even a link. By .NET, which can hand the C library's open a mode on every processor;
    /// the mode is set again, since the umask may take it from the owner.
    /// </summary>
    private static void Create(string path)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite,
                BufferSize = 0,
                UnixCreateMode = OwnerOnly,
            };
            using var file = new FileStream(path, options);
            File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        }
        catch (IOException) when (FileIdentity.OfPath(path) is not null)
        {
            // Somebody was faster, and may hold it already.
        }
    }
}
