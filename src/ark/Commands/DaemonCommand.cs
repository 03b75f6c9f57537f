using System.CommandLine;
using System.Runtime.InteropServices;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary>
/// <c>ark daemon</c>: start and stop it by hand. Seldom needed: the first request starts the daemon, and an idle one stops.
/// </summary>
/// <param name="queries">The daemon of this user.</param>
/// <param name="terminal">Where to print.</param>
/// <param name="runInForeground">Becomes the daemon with these arguments; returns its exit code where this process lives on.</param>
internal sealed class DaemonCommand(DaemonQueries queries, Terminal terminal, Func<IReadOnlyList<string>, int> runInForeground)
{
    public Command ToCommand()
    {
        var run = new CommandWithExamples("run", "run it in the foreground, for service managers and to see its log", """
            Examples:
              ark daemon run
              ARK_LOG=debug ark daemon run

            Further arguments are passed on to arkd.
            """) { TreatUnmatchedTokensAsErrors = false };
        run.SetAction(parsed => runInForeground(parsed.UnmatchedTokens));

        return new CommandWithExamples("daemon", "start, stop or restart the daemon by hand", """
            Examples:
              ark daemon start
              ark daemon restart

            Seldom needed: the first request starts the daemon.
            """)
        {
            run,
            Simple("start", "start it, if it is not running", Start),
            Simple("stop", "stop it, after it has answered what it was asked", Stop),
            Simple("restart", "stop it and start it again, with an empty cache", () => Stop() is 0 ? Start() : 1),
        };
    }

    private static CommandWithExamples Simple(string name, string description, Func<int> act)
    {
        var command = new CommandWithExamples(name, description, $"""
            Example:
              ark daemon {name}
            """);
        command.SetAction(_ => act());
        return command;
    }

    private int Start()
    {
        DaemonStatus running = DaemonQueries.ReadStatus(queries.Ask(Verb.Status).Stdout).Daemon
            ?? throw new UserError("the daemon could not be started", "see: ark daemon run");
        terminal.Say($"arkd {running.Version} is running, pid {running.Pid}");
        return 0;
    }

    private int Stop()
    {
        if (queries.AskIfRunning(Verb.Status) is not { } reply || DaemonQueries.ReadStatus(reply.Stdout).Daemon is not { } running)
        {
            terminal.Say("no daemon was running");
            return 0;
        }

        if (!queries.Shutdown())
        {
            return terminal.Refuse($"the daemon did not stop (pid {running.Pid})", $"kill {running.Pid}");
        }

        terminal.Say($"arkd stopped (pid {running.Pid})");
        return 0;
    }
}

/// <summary>The daemon's program in the place of this one.</summary>
internal static partial class ForegroundDaemon
{
    /// <summary>The program that <c>ARK_DAEMON</c> names, else the one beside this executable, else the one on PATH.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public static string Find(Func<string, string?> environment, string ownDirectory) =>
        DaemonProgram.Find(environment, ownDirectory) is { } program ? program
        : environment("ARK_DAEMON") is { Length: > 0 } named
            ? throw new UserError($"ARK_DAEMON is not a program: {named}", "unset it, or set it to the full path of arkd")
        : throw new UserError("arkd was not found beside ark or on PATH", "install it there, or set ARK_DAEMON to its full path");

    /// <summary>
    /// Runs it with our standard streams. On Unix this process becomes the daemon, so that signals, exit code and process id are the
    /// daemon's own; on Windows it waits for the daemon, which gets Ctrl-C from the same console.
    /// </summary>
    public static int Run(string program, IReadOnlyList<string> arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            return OtherProgram.Run(program, arguments) == 0 ? 0 : 1;
        }

        _ = Execv(program, [program, .. arguments, null]);
        throw new UserError(
            $"cannot run {program}: {Marshal.GetLastPInvokeErrorMessage().ToLowerInvariant()}", "set ARK_DAEMON to the full path of arkd");
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execv(string path, string?[] arguments);
}
