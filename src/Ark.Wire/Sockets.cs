using System.Runtime.InteropServices;
using System.Text;

namespace Ark.Wire;

/// <summary>
/// The C library's sockets. System.Net.Sockets and System.IO.Pipes start an event loop with threads of its own, which costs a
/// process that lives for two milliseconds a fifth of its life (tests/bench shows it).
/// </summary>
internal static unsafe partial class Sockets
{
    public const int AF_UNIX = 1;
    public const short POLLIN = 1;
    public const short POLLOUT = 4;
    public const int EINTR = 4;

    public static readonly int EAGAIN = OperatingSystem.IsMacOS() ? 35 : 11;
    public static readonly int MSG_DONTWAIT = OperatingSystem.IsMacOS() ? 0x80 : 0x40;

    /// <summary>Linux only: a write to a closed socket is an error instead of a signal. Elsewhere the program ignores SIGPIPE.</summary>
    public static readonly int MSG_NOSIGNAL = OperatingSystem.IsMacOS() ? 0 : 0x4000;

    private static readonly int SOL_SOCKET = OperatingSystem.IsMacOS() ? 0xFFFF : 1;
    private static readonly int SO_SNDTIMEO = OperatingSystem.IsMacOS() ? 0x1005 : 21;
    private static readonly int SO_ACCEPTCONN = OperatingSystem.IsMacOS() ? 2 : 30;
    private static readonly int Stream = OperatingSystem.IsMacOS() ? 1 : 1 | 0x8_0000 /* SOCK_CLOEXEC */;

    /// <summary>A new Unix domain stream socket that children do not inherit; negative when there is none to be had.</summary>
    public static int New() => CloseOnExec(socket(AF_UNIX, Stream, 0));

    /// <summary>Two that are connected to each other. False when there are none to be had.</summary>
    public static bool NewPair(out int ours, out int theirs)
    {
        int* ends = stackalloc int[2];
        bool made = socketpair(AF_UNIX, Stream, 0, ends) == 0;
        ours = made ? CloseOnExec(ends[0]) : -1;
        theirs = made ? CloseOnExec(ends[1]) : -1;
        return made;
    }

    /// <summary>
    /// Connects; false, with the system's reason as the last error, when that failed or the listener's queue was full for so long.
    /// </summary>
    public static bool Connect(int descriptor, string path, TimeSpan limit)
    {
        // The send timeout bounds connect, which otherwise waits for ever while the queue is full; zero would mean just that.
        int milliseconds = Math.Max(1, (int)limit.TotalMilliseconds);
        var timeout = new TimeValue { Seconds = milliseconds / 1000, Microseconds = milliseconds % 1000 * 1000 };
        _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, (uint)sizeof(TimeValue));
        byte* address = stackalloc byte[128];
        return connect(descriptor, address, Address(path, address)) == 0;
    }

    /// <summary>Whether somebody listens at a path; a full queue is somebody's queue.</summary>
    public static bool Answers(string path)
    {
        int probe = New();
        bool answers = Connect(probe, path, TimeSpan.FromMilliseconds(1)) || Marshal.GetLastPInvokeError() == EAGAIN;
        _ = Libc.close(probe);
        return answers;
    }

    public static bool Bind(int descriptor, string path)
    {
        byte* address = stackalloc byte[128];
        return bind(descriptor, address, Address(path, address)) == 0;
    }

    /// <summary>Whether the descriptor is a socket at which connections arrive.</summary>
    public static bool IsListening(int descriptor)
    {
        int* listens = stackalloc int[1];
        uint length = sizeof(int);
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, listens, &length) == 0 && *listens != 0;
    }

    /// <summary>
    /// The process at the other end, and whether it runs as this user: what is said may hold secrets. The process is 0 where the system
    /// does not say, or where it is none that this one could see.
    /// </summary>
    public static bool PeerIsUs(int descriptor, out int process)
    {
        process = 0;
        if (OperatingSystem.IsMacOS())
        {
            uint user, group;
            return getpeereid(descriptor, &user, &group) == 0 && user == Libc.geteuid();
        }

        const int PeerCredentials = 17;
        uint* credentials = stackalloc uint[3]; // process, user, group
        uint length = 12;
        if (getsockopt(descriptor, SOL_SOCKET, PeerCredentials, credentials, &length) != 0)
        {
            return false;
        }

        process = (int)credentials[0];
        return credentials[1] == Libc.geteuid();
    }

    /// <summary>
    /// The next connection, which children do not inherit; negative, with the system's reason as the last error, when there is none.
    /// </summary>
    public static int Accept(int listener) => OperatingSystem.IsMacOS()
        ? CloseOnExec(accept(listener, null, null))
        : accept4(listener, null, null, 0x8_0000 /* SOCK_CLOEXEC */);

    /// <summary>Marks a descriptor as one that children do not inherit, and answers it.</summary>
    public static int CloseOnExec(int descriptor)
    {
        // Not fcntl, which takes its third argument in a way that cannot be told to every processor; this has none.
        nuint closeOnExec = OperatingSystem.IsMacOS() ? 0x2000_6601u : 0x5451u; // FIOCLEX
        _ = descriptor < 0 ? 0 : ioctl(descriptor, closeOnExec);
        return descriptor;
    }

    /// <summary>struct sockaddr_un: on Linux two bytes of family, on macOS one of length and one of family; then the path.</summary>
    private static uint Address(string path, byte* address)
    {
        new Span<byte>(address, 128).Clear();
        address[OperatingSystem.IsMacOS() ? 1 : 0] = AF_UNIX;
        return (uint)(2 + Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, 108)) + 1);
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int listen(int descriptor, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int descriptor, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int descriptor, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int descriptor, int level, int option, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, int* descriptors);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept(int descriptor, void* address, void* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int descriptor, void* address, void* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int descriptor, int level, int option, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getpeereid(int descriptor, uint* user, uint* group);

    [LibraryImport("libc")]
    private static partial int ioctl(int descriptor, nuint request);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        public nint Seconds;
        public nint Microseconds;
    }
}
