using System.CommandLine;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark daemon</c>: its life by hand. Nobody needs it: the first request starts the daemon, and an idle one leaves.</summary>
/// <param name="daemon">The daemon of this user.</param>
/// <param name="terminal">Where to speak.</param>
/// <param name="runInForeground">Becomes the daemon with these further arguments; answers its exit code where this process lives on.</param>
internal sealed class DaemonCommand(IDaemon daemon, Terminal terminal, Func<IReadOnlyList<string>, int> runInForeground)
{
    public Command ToCommand()
    {
        var run = new HelpExamples("run", "run it in the foreground, for service managers and for looking at its log", """
            Examples:
              ark daemon run
              ARK_LOG=debug ark daemon run

            Further arguments are passed on to arkd.
            """) { TreatUnmatchedTokensAsErrors = false };
        run.SetAction(parsed => runInForeground(parsed.UnmatchedTokens));

        return new HelpExamples("daemon", "start, stop or restart the daemon by hand", """
            Examples:
              ark daemon start
              ark daemon restart

            Seldom needed: whoever asks for a password first starts the daemon.
            """)
        {
            run,
            Simple("start", "start it, if it is not running", Start),
            Simple("stop", "let it finish what it is answering and leave", Stop),
            Simple("restart", "stop it and start it again, with nothing cached", () => Stop() is 0 ? Start() : 1),
        };
    }

    private static HelpExamples Simple(string name, string description, Func<int> act)
    {
        var command = new HelpExamples(name, description, $"""
            Example:
              ark daemon {name}
            """);
        command.SetAction(_ => act());
        return command;
    }

    private int Start()
    {
        var running = Running(StartMode.StartIfAbsent)
            ?? throw new UserError("the daemon could not be started", "look at what ark daemon run says");
        terminal.WriteLine($"arkd {TextSanitizer.Line(running.Version)} is running, pid {running.Pid}");
        return 0;
    }

    private int Stop()
    {
        if (Running(StartMode.OnlyIfRunning) is not { } running)
        {
            terminal.WriteLine("no daemon was running");
            return 0;
        }

        if (!daemon.Leave())
        {
            return terminal.Refuse($"the daemon did not leave (pid {running.Pid})", $"kill {running.Pid}");
        }

        terminal.WriteLine($"arkd has left (pid {running.Pid})");
        return 0;
    }

    private DaemonStatus? Running(StartMode start) =>
        daemon.AskFor(Verb.Status, [], start) is { } reply ? DaemonJson.Read(reply.Stdout, MessagesJson.Default.StatusReport, "status").Daemon : null;
}
