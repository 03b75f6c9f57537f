using System.CommandLine;
using System.Globalization;
using Ark.Cli.Files;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark logs</c>: the end of the daemon's log, and what is added to it. Never starts a daemon.</summary>
internal sealed class LogsCommand(
    DaemonQueries queries, Terminal terminal, UserPaths paths, TimeProvider clock, Func<string, IReadOnlyList<string>, int> run)
{
    private const int UsualLines = 50;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Option<bool> _follow = Options.Flag("--follow", "go on with what is added, until Ctrl-C", "-f");

    private readonly Option<int> _lines = new("--lines", "-n")
    {
        Description = "how many lines to begin with",
        HelpName = "COUNT",
        DefaultValueFactory = _ => UsualLines,
    };

    public Command ToCommand()
    {
        var command = new CommandWithExamples("logs", "show the daemon's log", """
            Examples:
              ark logs
              ark logs --follow
              ARK_LOG=debug ark daemon restart

            The log is ${XDG_STATE_HOME:-~/.local/state}/ark/arkd.log, on Windows %LOCALAPPDATA%\ark\arkd.log. Where systemd runs the
            daemon it is in the journal, and this command shows that. Passwords, tokens and keys are never logged.
            """) { _follow, _lines };
        command.SetAction(parsed => Show(parsed.GetValue(_lines), parsed.GetValue(_follow)));
        return command;
    }

    /// <summary>Prints what is added to the log until it is cancelled or nobody reads it any more.</summary>
    public async Task<int> FollowAsync(LogFileReader log, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && terminal.OutputHasReader())
        {
            await Task.Delay(Interval, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Print(log.Added());
        }

        return 0;
    }

    private int Show(int count, bool follow)
    {
        if (count < 0)
        {
            throw new UserError("--lines must not be negative", "ark logs --lines 100");
        }

        DaemonStatus? daemon = queries.AskIfRunning(Verb.Status) is { } reply ? DaemonQueries.ReadStatus(queries.Take(reply)).Daemon : null;
        if (daemon?.Log == DaemonStatus.Journal)
        {
            return ShowJournal(count, follow);
        }

        string path = daemon?.Log ?? paths.Log;
        if (!follow && !File.Exists(path))
        {
            throw new UserError(
                $"there is no log at {path}",
                daemon is null
                    ? "the first docker pull starts a daemon, which begins one"
                    : "the daemon writes to the terminal that runs it");
        }

        var log = new LogFileReader(path);
        Print(log.Last(count));
        return follow ? Interrupt.Ends(stop => FollowAsync(log, stop)) : 0;
    }

    private int ShowJournal(int count, bool follow)
    {
        string program = paths.FindProgram("journalctl")
            ?? throw new UserError("the daemon logs to the journal, and journalctl is not on PATH", "add its directory to PATH");
        string[] arguments = ["--user", "--unit", "arkd.service", "--lines", count.ToString(CultureInfo.InvariantCulture)];
        return run(program, follow ? [.. arguments, "--follow"] : [.. arguments, "--no-pager"]) == 0 ? 0 : 1;
    }

    private void Print(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            terminal.WriteLine(line);
        }
    }
}
