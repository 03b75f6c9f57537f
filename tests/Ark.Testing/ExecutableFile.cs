using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Ark.Testing;

/// <summary>Makes programs that can be run at once.</summary>
public static partial class ExecutableFile
{
    private const int SetLease = 1024;
    private const int ReadLease = 0;
    private const int NoLease = 2;

    /// <summary>Lets the owner of a file run it, now that it is written.</summary>
    public static void Make(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        if (OperatingSystem.IsLinux())
        {
            AwaitNoWriter(path);
        }
    }

    /// <summary>
    /// Another thread that starts a program at the moment of writing hands our open file to its child, until that executes; meanwhile
    /// nobody can execute the file ("text file busy"). A lease for reading is granted once nobody has it open for writing.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private static void AwaitNoWriter(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        while (Fcntl(file, SetLease, ReadLease) != 0 && Marshal.GetLastPInvokeError() == 11)
        {
            Thread.Yield();
        }

        _ = Fcntl(file, SetLease, NoLease);
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fcntl(SafeFileHandle file, int command, int argument);
}
