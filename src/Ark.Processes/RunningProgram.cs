using System.ComponentModel;
using System.Diagnostics;

namespace Ark.Processes;

/// <summary>A program that has been started, with a pipe at each of its standard streams.</summary>
internal abstract class RunningProgram : IDisposable
{
    public abstract Stream Input { get; }

    public abstract Stream Output { get; }

    public abstract Stream Errors { get; }

    /// <summary>Its exit code, once it has ended; 128 and the signal's number where a signal ended it.</summary>
    public abstract Task<int> Exit { get; }

    /// <summary>Null when it could not be started.</summary>
    public static RunningProgram? Start(ProgramCall call) =>
        OperatingSystem.IsWindows() ? WindowsProgram.Start(call) : UnixProgram.Start(call);

    /// <summary>Ends it and its children, unless they have ended.</summary>
    public abstract void End();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    /// <summary>By .NET's own class: what a program leaves behind when it has ended by itself goes on running there.</summary>
    private sealed class WindowsProgram(Process process) : RunningProgram
    {
        public override Stream Input => process.StandardInput.BaseStream;

        public override Stream Output => process.StandardOutput.BaseStream;

        public override Stream Errors => process.StandardError.BaseStream;

        public override Task<int> Exit { get; } = ExitOf(process);

        public static new WindowsProgram? Start(ProgramCall call)
        {
            var start = new ProcessStartInfo(call.Executable, call.Arguments)
            {
                UseShellExecute = false,
                CreateNoWindow = true,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = call.WorkingDirectory,
            };
            start.Environment.Clear();
            foreach ((string name, string? value) in call.Environment)
            {
                if (value is not null)
                {
                    start.Environment[name] = value;
                }
            }

            try
            {
                return Process.Start(start) is { } process ? new WindowsProgram(process) : null;
            }
            catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
            {
                return null;
            }
        }

        public override void End()
        {
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
            {
                // It has ended by itself, which is what we want.
            }
        }

        protected override void Dispose(bool disposing) => process.Dispose();

        private static async Task<int> ExitOf(Process process)
        {
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
    }
}
