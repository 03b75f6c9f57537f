using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Ark.Wire;
using Microsoft.Win32.SafeHandles;

namespace Ark.Client;

/// <summary>
/// Brings up one daemon for however many clients ask at once: look, take the start lock, look again, start, wait until it listens. A pipe
/// cannot be handed over as a socket can.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsStart(Func<string, string?> environment)
{
    /// <summary>How long a daemon may take from start to listening before we do without it.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns an open connection to a daemon that we or somebody else started, or says why there is none.</summary>
    public ConnectResult Start(DaemonAddress.Found address, Deadline whole)
    {
        if (DaemonProgram.Find(environment) is not { } program)
        {
            return DaemonProgram.NotFound;
        }

        Deadline deadline = whole.AtMost(StartLimit);
        TimeSpan pause = TimeSpan.FromMilliseconds(1);
        bool started = false;
        SafeFileHandle? startLock = null;
        string lockPath = Path.Combine(address.Directory, "start.lock");
        try
        {
            while (!deadline.Passed)
            {
                // Everybody looks at every turn: whoever waits for the lock needs the daemon, not the lock.
                ConnectResult result = PipeConnection.To(address, deadline);
                if (result is ConnectResult.Connected or ConnectResult.Refused)
                {
                    return result;
                }

                if (startLock is null)
                {
                    // Holding it, the next turn looks once more before anything is started.
                    startLock = DaemonProgram.TryLock(lockPath);
                }
                else if (!started && result is ConnectResult.Absent)
                {
                    started = true;
                    if (!WindowsProcess.Start(program, DaemonProgram.EnvironmentBlock(environment)))
                    {
                        return new ConnectResult.Refused($"cannot run {program}", DaemonProgram.Reinstall);
                    }
                }

                Thread.Sleep(pause);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            return new ConnectResult.Refused($"{program} was not ready in time", "see why with: ark daemon run");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ConnectResult.Refused($"cannot lock {lockPath}", $"look at it with: dir {address.Directory}");
        }
        finally
        {
            startLock?.Dispose();
        }
    }

    /// <summary>
    /// A connection to a fresh <c>arkd --once</c>, or null when it cannot be run: the daemon's code without the daemon, for one request.
    /// </summary>
    public Connection? StartOnce()
    {
        if (DaemonProgram.Find(environment) is not { } program)
        {
            return null;
        }

        var start = new ProcessStartInfo(program, "--once")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach (string pair in DaemonProgram.EnvironmentBlock(environment))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            start.Environment[pair[..equals]] = pair[(equals + 1)..];
        }

        try
        {
            return Process.Start(start) is { } process ? new ProcessConnection(process) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Standard input and output of a child process as a connection.</summary>
    private sealed class ProcessConnection(Process process) : Connection
    {
        public override Transfer Write(ReadOnlySpan<byte> bytes, Deadline deadline)
        {
            try
            {
                process.StandardInput.BaseStream.Write(bytes);
                process.StandardInput.BaseStream.Flush();
                return Transfer.Done;
            }
            catch (IOException)
            {
                return Transfer.Closed;
            }
        }

        public override Transfer Read(Span<byte> bytes, Deadline deadline)
        {
            byte[] copy = new byte[bytes.Length];
            Task read = process.StandardOutput.BaseStream.ReadExactlyAsync(copy).AsTask();
            try
            {
                if (!read.Wait(deadline.Remaining))
                {
                    return Transfer.TimedOut;
                }
            }
            catch (AggregateException)
            {
                return Transfer.Closed;
            }

            copy.CopyTo(bytes);
            return Transfer.Done;
        }

        public override void Dispose() => process.Dispose();
    }
}

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
