using System.Runtime.InteropServices;
using Ark.Wire.Unix;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Ark.Daemon.Lifetime;

/// <summary>The first thing the daemon does: nobody may read its memory, and whatever it creates is its own.</summary>
internal static unsafe partial class Hardening
{
    public static void Apply()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _ = Libc.umask(0x3F /* 0077 */);

        // Nothing is ever looked for in whatever folder somebody happened to start us from.
        Directory.SetCurrentDirectory("/");

        // A core file would hold every cached token.
        nuint* none = stackalloc nuint[2];
        none[0] = none[1] = 0;
        _ = setrlimit(4 /* RLIMIT_CORE */, none);

        if (OperatingSystem.IsLinux())
        {
            // No debugger of the same user, no core dump, whatever the system's defaults are.
            _ = prctl(4 /* PR_SET_DUMPABLE */, 0, 0, 0, 0);
        }
        else
        {
            _ = ptrace(31 /* PT_DENY_ATTACH */, 0, 0, 0);
        }
    }

    /// <summary>
    /// Whether whoever started us has so tight a limit on address space that threads could not be started later: such a daemon would
    /// answer once, never look at its clock again, and stand in everybody's way. One request can be served all the same.
    /// </summary>
    public static bool IsTooTightForDaemon()
    {
        const ulong Least = 512UL << 20;
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        nuint* limits = stackalloc nuint[2]; // now, at most
        return getrlimit(OperatingSystem.IsMacOS() ? 5 : 9 /* RLIMIT_AS */, limits) == 0 && limits[0] < Least;
    }

    /// <summary>Raises the limit on open files as far as it goes, and answers it: every connection takes one.</summary>
    public static int RaiseFileLimit()
    {
        if (OperatingSystem.IsWindows())
        {
            return int.MaxValue;
        }

        int files = OperatingSystem.IsMacOS() ? 8 : 7; // RLIMIT_NOFILE
        nuint* limits = stackalloc nuint[2]; // now, at most
        if (getrlimit(files, limits) != 0)
        {
            return 256;
        }

        nuint now = limits[0];
        limits[0] = limits[1];
        return (int)nuint.Min(setrlimit(files, limits) == 0 ? limits[1] : now, int.MaxValue);
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, nuint* limits);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, nuint* limits);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint value, nuint a, nuint b, nuint c);

    [LibraryImport("libc")]
    private static partial int ptrace(int request, int process, nint address, int data);
}
