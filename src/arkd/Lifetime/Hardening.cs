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

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, nuint* limits);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint value, nuint a, nuint b, nuint c);

    [LibraryImport("libc")]
    private static partial int ptrace(int request, int process, nint address, int data);
}
