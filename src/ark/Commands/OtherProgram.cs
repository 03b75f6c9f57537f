using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Ark.Cli.Output;

namespace Ark.Cli.Commands;

/// <summary>Another program of the user's, such as the AWS CLI or an editor, at the same terminal.</summary>
internal static class OtherProgram
{
    /// <summary>Runs it with our standard streams until it ends; returns its exit code. Ctrl-C is the program's alone meanwhile.</summary>
    /// <param name="path">
    /// Its full path. A name alone would be looked for in the working directory first, where anybody's checkout may hold one.
    /// </param>
    /// <param name="arguments">What follows its name.</param>
    /// <exception cref="UserError">It cannot be run.</exception>
    public static int Run(string path, IReadOnlyList<string> arguments)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static signal => signal.Cancel = true);
        try
        {
            using Process program = Process.Start(Path.GetFullPath(path), arguments);
            program.WaitForExit();
            return program.ExitCode;
        }
        catch (Win32Exception e)
        {
            throw new UserError($"cannot run {path}: {e.Message}", $"see whether it starts: {path}");
        }
    }
}
