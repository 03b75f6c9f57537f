using System.Diagnostics;
using System.Runtime.InteropServices;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary>The daemon's program: named by <c>ARK_DAEMON</c>, else beside this executable, else on PATH.</summary>
internal static partial class ForegroundDaemon
{
    /// <exception cref="UserError">There is none.</exception>
    public static string Find(Func<string, string?> environment, string ownDirectory) =>
        DaemonProgram.Find(environment, ownDirectory) is { } program ? program
        : environment("ARK_DAEMON") is { Length: > 0 } named
            ? throw new UserError($"ARK_DAEMON names no program: {TextSanitizer.Line(named)}", "unset it, or give the full path of arkd")
        : throw new UserError("arkd was not found beside ark nor on PATH", "install it there, or set ARK_DAEMON to its full path");

    /// <summary>
    /// Runs it with our standard streams. On Unix this process becomes the daemon, so that signals, exit code and process id are the
    /// daemon's own; on Windows it waits for the daemon, which gets Ctrl-C from the same console.
    /// </summary>
    public static int Run(string program, IReadOnlyList<string> arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            using var child = Process.Start(program, arguments);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
            child.WaitForExit();
            return child.ExitCode == 0 ? 0 : 1;
        }

        _ = Execv(program, [program, .. arguments, null]);
        throw new UserError($"{program} cannot be run: {Marshal.GetLastPInvokeErrorMessage().ToLowerInvariant()}", "set ARK_DAEMON to the full path of arkd");
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execv(string path, string?[] arguments);
}
