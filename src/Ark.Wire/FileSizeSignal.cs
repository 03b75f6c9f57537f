using System.Runtime.InteropServices;

namespace Ark.Wire;

/// <summary>
/// The signal that ends a program which writes beyond the limit on the size of a file. Ignored, the write fails instead, and the program
/// can say so or do without.
/// </summary>
public static partial class FileSizeSignal
{
    /// <summary>For this process; those that it starts have the default again.</summary>
    public static void Ignore()
    {
        const int SigXfsz = 25;
        if (!OperatingSystem.IsWindows())
        {
            _ = signal(SigXfsz, 1 /* SIG_IGN */);
        }
    }

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);
}
