using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Ark.Client.Unix;

/// <summary>
/// The C library's sockets. System.Net.Sockets and System.IO.Pipes start an event loop with threads of its own, which costs a
/// process that lives for two milliseconds a fifth of its life (tests/bench shows it).
/// </summary>
internal static partial class Sockets
{
    public const int AF_UNIX = 1;
    public const short POLLIN = 1;
    public const short POLLOUT = 4;
    public const int EINTR = 4;

    public static readonly int SOCK_STREAM = OperatingSystem.IsMacOS() ? 1 : 1 | 0x8_0000 /* SOCK_CLOEXEC */;
    public static readonly int SOL_SOCKET = OperatingSystem.IsMacOS() ? 0xFFFF : 1;
    public static readonly int SO_SNDTIMEO = OperatingSystem.IsMacOS() ? 0x1005 : 21;
    public static readonly int EAGAIN = OperatingSystem.IsMacOS() ? 35 : 11;
    public static readonly int MSG_DONTWAIT = OperatingSystem.IsMacOS() ? 0x80 : 0x40;

    /// <summary>Linux only: a write to a closed socket is an error instead of a signal. Elsewhere the program ignores SIGPIPE.</summary>
    public static readonly int MSG_NOSIGNAL = OperatingSystem.IsMacOS() ? 0 : 0x4000;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int connect(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial nint send(int descriptor, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial nint recv(int descriptor, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int setsockopt(int descriptor, int level, int option, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int getsockopt(int descriptor, int level, int option, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int getpeereid(int descriptor, uint* user, uint* group);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int socketpair(int domain, int type, int protocol, int* descriptors);

    [LibraryImport("libc")]
    public static unsafe partial int getentropy(byte* bytes, nuint count);

    [LibraryImport("libc")]
    public static partial int close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeValue
    {
        public nint Seconds;
        public nint Microseconds;
    }
}
