using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Ark.Wire;

/// <summary>
/// The C library calls that .NET has no safe equal for: ownership of a file without following a link, a directory made private
/// in one step, opening without following a link or waiting for a pipe, a lock that cannot be switched off by an environment variable.
/// </summary>
internal static partial class Libc
{
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int ENOTDIR = 20;

    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;

    /// <summary>These differ between systems, and this one between processors too.</summary>
    public static int O_NOFOLLOW => OperatingSystem.IsMacOS() ? 0x100
        : RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le ? 0x8000
        : 0x2_0000;

    public static int O_CLOEXEC => OperatingSystem.IsMacOS() ? 0x100_0000 : 0x8_0000;
    public static int O_NONBLOCK => OperatingSystem.IsMacOS() ? 0x4 : 0x800;

    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int access(string path, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchown(SafeHandle descriptor, uint owner, uint group);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial nint readlink(string path, byte* target, nuint size);

    [LibraryImport("libc")]
    public static unsafe partial int getentropy(byte* bytes, nuint count);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlink(string path);

    [LibraryImport("libc")]
    public static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchmod(int descriptor, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup(int descriptor);

    [LibraryImport("libc")]
    public static partial int close(int descriptor);

    /// <summary>Puts the null device in the place of an open descriptor.</summary>
    public static void ToNullDevice(int descriptor)
    {
        int nothing = open("/dev/null", O_RDWR);
        _ = dup2(nothing, descriptor);
        _ = close(nothing);
    }

    [LibraryImport("libc")]
    private static partial int dup2(int descriptor, int copy);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(SafeHandle descriptor, int operation);

    /// <summary>Linux. The one stat whose structure is the same on every processor.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int statx(int directory, string path, int flags, uint mask, byte* buffer);

    /// <summary>macOS on Apple silicon.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int lstat(string path, byte* buffer);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int stat(string path, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int fstat(int descriptor, byte* buffer);

    /// <summary>macOS on Intel, where the plain names mean an older structure.</summary>
    [LibraryImport("libc", EntryPoint = "lstat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int lstat_inode64(string path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int stat_inode64(string path, byte* buffer);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64", SetLastError = true)]
    public static unsafe partial int fstat_inode64(int descriptor, byte* buffer);
}
