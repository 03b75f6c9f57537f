using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Ark.Processes;

/// <summary>
/// A program in a session of its own, so that all it leaves behind can be told from everything else and ends with it. What puts itself
/// into another session, as agents that are to stay do, is not touched.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed unsafe partial class UnixProgram : RunningProgram
{
    private const int EINTR = 4, SIGKILL = 9;
    private const int WaiterStack = 128 * 1024;

    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AnonymousPipeServerStream _input = new(PipeDirection.Out, HandleInheritability.None);
    private readonly AnonymousPipeServerStream _output = new(PipeDirection.In, HandleInheritability.None);
    private readonly AnonymousPipeServerStream _errors = new(PipeDirection.In, HandleInheritability.None);
    private readonly Lock _gate = new();
    private int _process;

    private UnixProgram()
    {
    }

    public override Stream Input => _input;

    public override Stream Output => _output;

    public override Stream Errors => _errors;

    public override Task<int> Exit => _exit.Task;

    public static new UnixProgram? Start(ProgramCall call)
    {
        UnixProgram? program = null;
        bool started = false;
        try
        {
            program = new UnixProgram();
            started = program.Spawn(call) && program.Watch();
            return started ? program : null;
        }
        catch (IOException)
        {
            // No descriptors are left for its pipes.
            return null;
        }
        finally
        {
            if (!started)
            {
                program?.Dispose();
            }
        }
    }

    /// <summary>A group that has ended is left alone: its number may be another's by now.</summary>
    public override void End()
    {
        lock (_gate)
        {
            if (_process != 0)
            {
                _ = kill(-_process, SIGKILL);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        _input.Dispose();
        _output.Dispose();
        _errors.Dispose();
    }

    private bool Spawn(ProgramCall call)
    {
        // Where children are ignored the system forgets how they ended. .NET's own handler, if there is one, stays.
        int childSignal = OperatingSystem.IsMacOS() ? 20 : 17;
        nint* handler = stackalloc nint[64];
        if (sigaction(childSignal, null, handler) == 0 && *handler == 1 /* SIG_IGN */)
        {
            _ = signal(childSignal, 0 /* SIG_DFL */);
        }

        try
        {
            IEnumerable<string> environment = from pair in call.Environment where pair.Value is not null select $"{pair.Key}={pair.Value}";
            int[] streams = [Descriptor(_input), Descriptor(_output), Descriptor(_errors)];
            int error = UnixProcess.Start(
                call.Executable, call.Arguments, environment, call.WorkingDirectory, streams, out int process);
            _process = error == 0 ? process : 0;
            return error == 0;
        }
        finally
        {
            _input.DisposeLocalCopyOfClientHandle();
            _output.DisposeLocalCopyOfClientHandle();
            _errors.DisposeLocalCopyOfClientHandle();
        }
    }

    /// <summary>A thread waits for the end. False, and the program has ended, when there can be no more threads.</summary>
    private bool Watch()
    {
        try
        {
            new Thread(() => _exit.SetResult(WaitAndEndGroup()), WaiterStack) { IsBackground = true, Name = "program" }.Start();
            return true;
        }
        catch (OutOfMemoryException)
        {
            End();
            _ = WaitAndEndGroup();
            return false;
        }
    }

    /// <summary>What it left behind in its group ends before its number may be anybody else's.</summary>
    private int WaitAndEndGroup()
    {
        const int Process = 1 /* P_PID */, Exited = 4 /* WEXITED */;
        int stays = OperatingSystem.IsMacOS() ? 0x20 : 0x100_0000; // WNOWAIT
        byte* facts = stackalloc byte[128];
        while (waitid(Process, (uint)_process, facts, Exited | stays) != 0 && Marshal.GetLastPInvokeError() == EINTR)
        {
        }

        lock (_gate)
        {
            _ = kill(-_process, SIGKILL);
            int status = 0;
            while (waitpid(_process, &status, 0) < 0 && Marshal.GetLastPInvokeError() == EINTR)
            {
            }

            _process = 0;
            return (status & 0x7F) == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F);
        }
    }

    private static int Descriptor(AnonymousPipeServerStream pipe) => (int)pipe.ClientSafePipeHandle.DangerousGetHandle();

    [LibraryImport("libc")]
    private static partial int sigaction(int number, void* action, nint* former);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    private static partial int kill(int process, int number);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int kind, uint process, byte* facts, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int process, int* status, int options);
}
