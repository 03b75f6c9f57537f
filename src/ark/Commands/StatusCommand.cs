using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;
using Ark.Wire;
using Spectre.Console;

namespace Ark.Cli.Commands;

/// <summary><c>ark status</c>: the daemon and its tokens, once or again and again. Never starts a daemon.</summary>
internal sealed class StatusCommand(DaemonQueries queries, Terminal terminal, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public Command ToCommand()
    {
        Option<bool> json = Options.Json;
        Option<bool> watch = Options.Flag("--watch", "update every two seconds until Ctrl-C; in a pipe, on changes only");
        var command = new CommandWithExamples("status", "show the daemon and its cached tokens", """
            Examples:
              ark status
              ark status --watch
              ark status --json | jq '.entries[] | {host, state, expiresAt}'

            States: fresh; refreshing (still valid, a newer token is being fetched); expired; failing (the last fetch failed).
            """) { json, watch };
        command.SetAction(parsed => parsed.GetValue(watch) ? WatchUntilInterrupted(parsed.GetValue(json)) : Show(parsed.GetValue(json)));
        return command;
    }

    /// <summary>
    /// Shows the status every two seconds until it is cancelled or nobody reads it any more; where it is not redrawn in place, only when
    /// something changed.
    /// </summary>
    public async Task<int> WatchAsync(bool json, CancellationToken cancellationToken)
    {
        if (!json && terminal.OutputIsTerminal)
        {
            await AnsiConsole.Live(Text.Empty).StartAsync(live => RepeatAsync(
                answer =>
                {
                    live.UpdateTarget(Render(DaemonQueries.ReadStatus(answer)));
                    live.Refresh();
                },
                cancellationToken));
            return 0;
        }

        StatusReport? shown = null;
        await RepeatAsync(
            answer =>
            {
                StatusReport report = DaemonQueries.ReadStatus(answer);
                if (Differs(report, shown))
                {
                    Print(json && !answer.AsSpan().EndsWith("\n"u8) ? [.. answer, (byte)'\n'] : answer, json);
                    shown = report;
                }
            },
            cancellationToken);
        return 0;
    }

    private int WatchUntilInterrupted(bool json)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        return WatchAsync(json, stop.Token).GetAwaiter().GetResult();
    }

    private async Task RepeatAsync(Action<byte[]> show, CancellationToken cancellationToken)
    {
        // Nothing is written while nothing changes, so that no failing write would tell that the reader has gone.
        while (!cancellationToken.IsCancellationRequested && terminal.OutputHasReader())
        {
            show(Ask().Stdout);
            await Task.Delay(Interval, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int Show(bool json)
    {
        Reply reply = Ask();
        if (reply.ExitCode != 0)
        {
            return queries.Print(reply);
        }

        Print(reply.Stdout, json);
        return 0;
    }

    private Reply Ask() => queries.AskIfRunning(Verb.Status) ?? new Reply(0, WithoutDaemon, [], "");

    private static byte[] WithoutDaemon =>
        [.. JsonSerializer.SerializeToUtf8Bytes(new StatusReport(null, []), MessagesJson.Default.StatusReport), (byte)'\n'];

    /// <summary>True when another look shows something new, apart from times and the count of requests, which each look moves.</summary>
    private static bool Differs(StatusReport report, StatusReport? earlier) =>
        earlier is null || report.Daemon?.Pid != earlier.Daemon?.Pid || !report.Entries.SequenceEqual(earlier.Entries);

    private void Print(byte[] answer, bool json)
    {
        if (json)
        {
            terminal.WriteResult(answer);
            return;
        }

        StatusReport report = DaemonQueries.ReadStatus(answer);
        if (terminal.OutputIsTerminal)
        {
            AnsiConsole.Write(Render(report));
        }
        else
        {
            terminal.WriteLines(StatusView.Plain(report, clock.GetUtcNow()));
        }
    }

    private Rows Render(StatusReport report) => StatusView.Render(report, clock.GetUtcNow(), AnsiConsole.Profile.Width);
}
