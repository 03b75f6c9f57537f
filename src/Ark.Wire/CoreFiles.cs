using System.Runtime.InteropServices;

namespace Ark.Wire;

/// <summary>A core file of ours would hold AWS keys or tokens, and whoever collects such files would have them.</summary>
public static unsafe partial class CoreFiles
{
    /// <summary>Forbids them to this process and those that it starts. The first thing that each of our programs does.</summary>
    public static void Forbid()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // One byte and not none: a limit of 0 still lets Linux hand the core to a program (core(5)), while 1 is refused there too and is
        // too little for a file.
        const int Core = 4;
        nuint* limits = stackalloc nuint[2]; // now, at most
        if (getrlimit(Core, limits) == 0)
        {
            limits[0] = limits[1] = nuint.Min(limits[1], 1);
            _ = setrlimit(Core, limits);
        }
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, nuint* limits);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, nuint* limits);
}
