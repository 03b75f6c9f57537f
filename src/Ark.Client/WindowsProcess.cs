using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Ark.Client;

/// <summary>
/// Starts a process without a console that inherits no handle of ours. System.Diagnostics.Process always lets handles be
/// inherited, and a daemon that holds its caller's output keeps the container tool waiting for ever.
/// </summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class WindowsProcess
{
    private const uint DetachedProcess = 0x8, NewProcessGroup = 0x200, UnicodeEnvironment = 0x400;

    /// <summary>Starts <paramref name="program"/>; false when that failed.</summary>
    public static bool Start(string program, IEnumerable<string> environment)
    {
        // CreateProcess wants the block sorted by name and may write into the command line.
        string block = string.Concat(environment.Order(StringComparer.OrdinalIgnoreCase).Select(pair => pair + '\0')) + '\0';
        char[] commandLine = $"\"{program}\"\0".ToCharArray();
        var startup = new StartupInfo { Size = (uint)sizeof(StartupInfo) };
        fixed (char* command = commandLine, variables = block, path = program, root = Path.GetPathRoot(program))
        {
            ProcessInformation process;
            const uint Flags = DetachedProcess | NewProcessGroup | UnicodeEnvironment;
            if (CreateProcessW(path, command, 0, 0, false, Flags, variables, root, &startup, &process) == 0)
            {
                return false;
            }

            _ = CloseHandle(process.Thread);
            _ = CloseHandle(process.Process);
            return true;
        }
    }

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int CreateProcessW(
        char* application,
        char* commandLine,
        nint processAttributes,
        nint threadAttributes,
        [MarshalAs(UnmanagedType.Bool)] bool inheritHandles,
        uint flags,
        char* environment,
        char* directory,
        StartupInfo* startup,
        ProcessInformation* process);

    [LibraryImport("kernel32")]
    private static partial int CloseHandle(nint handle);

    [StructLayout(LayoutKind.Sequential)]
    private struct StartupInfo
    {
        public uint Size;
        public nint Reserved, Desktop, Title;
        public uint X, Y, Width, Height, Columns, Rows, Fill, Flags;
        public ushort Show, Reserved2;
        public nint Reserved3, Input, Output, Error;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ProcessInformation
    {
        public nint Process, Thread;
        public uint ProcessId, ThreadId;
    }
}
