using System.CommandLine;
using System.Text.Json;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;
using Ark.Wire;
using Spectre.Console;

namespace Ark.Cli.Commands;

/// <summary><c>ark status</c>: the daemon and its tokens, once or again and again. Never starts a daemon.</summary>
internal sealed class StatusCommand(DaemonQueries queries, Terminal terminal, TimeProvider clock)
{
    /// <summary>The exit code where no daemon runs, as of <c>systemctl status</c> for a unit that is not active.</summary>
    private const int NoDaemon = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public Command ToCommand()
    {
        Option<bool> json = Options.Json;
        Option<bool> watch = Options.Flag("--watch", "update every two seconds until Ctrl-C; in a pipe, on changes only");
        Option<bool> metrics = Options.Flag("--prometheus", "print metrics in Prometheus's text format");
        var command = new CommandWithExamples("status", "show the daemon and its cached tokens", """
            Examples:
              ark status
              ark status --watch
              ark status --json | jq '.entries[] | {host, state, expiresAt}'
              ark status --prometheus > /var/lib/node_exporter/ark.prom

            States: fresh; refreshing (still valid, a newer token is being fetched); expired; failing (the last fetch failed).
            A full bar is 12 hours, the life of an ECR token.

            Exit code: 0; 1 when the last fetch of a token failed or the clock is off; 3 when no daemon runs.
            """) { json, watch, metrics };
        command.SetAction(parsed => (parsed.GetValue(watch), parsed.GetValue(json), parsed.GetValue(metrics)) switch
        {
            (true, var isJson, false) => Interrupt.Ends(stop => WatchAsync(isJson, stop)),
            (false, false, true) => Show(PrintMetrics),
            (false, true, false) => Show(terminal.WriteResult),
            (false, false, false) => Show(PrintForPeople),
            _ => throw new UserError("--prometheus goes with neither --json nor --watch", "ark status --prometheus"),
        });
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

    private async Task RepeatAsync(Action<byte[]> show, CancellationToken cancellationToken)
    {
        // Nothing is written while nothing changes, so that no failing write would tell that the reader has gone.
        while (!cancellationToken.IsCancellationRequested && terminal.OutputHasReader())
        {
            show(Ask().Stdout);
            await Task.Delay(Interval, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int Show(Printer print)
    {
        byte[] answer = queries.Take(Ask());
        print(answer);
        return DaemonQueries.ReadStatus(answer) switch
        {
            { Daemon: null } => NoDaemon,
            { Daemon.Problem: not null } => 1,
            { Entries: var entries } => entries.Any(static entry => entry.State == "failing") ? 1 : 0,
        };
    }

    private Reply Ask() => queries.AskIfRunning(Verb.Status) ?? new Reply(0, WithoutDaemon, [], "");

    private static byte[] WithoutDaemon =>
        [.. JsonSerializer.SerializeToUtf8Bytes(new StatusReport(null, []), MessagesJson.Default.StatusReport), (byte)'\n'];

    /// <summary>True when another look shows something new, apart from times and the count of requests, which each look moves.</summary>
    private static bool Differs(StatusReport report, StatusReport? earlier) =>
        earlier is null || report.Daemon?.Pid != earlier.Daemon?.Pid || report.Daemon?.Problem != earlier.Daemon?.Problem
            || !report.Entries.SequenceEqual(earlier.Entries);

    private void Print(byte[] answer, bool json)
    {
        if (json)
        {
            terminal.WriteResult(answer);
        }
        else
        {
            PrintForPeople(answer);
        }
    }

    private void PrintMetrics(ReadOnlySpan<byte> answer) =>
        terminal.WriteLines(StatusMetrics.Text(DaemonQueries.ReadStatus(answer)));

    private void PrintForPeople(ReadOnlySpan<byte> answer)
    {
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

    private Rows Render(StatusReport report) => StatusView.Render(
        report, clock.GetUtcNow(), AnsiConsole.Profile.Width, AnsiConsole.Profile.Capabilities.Unicode);

    private delegate void Printer(ReadOnlySpan<byte> answer);
}
