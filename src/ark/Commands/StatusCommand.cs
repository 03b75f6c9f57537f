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
        Print(queries.Take(Ask()), json);
        return 0;
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

/// <summary>The status as people read it: a line about the daemon, a table of its tokens, the last errors below.</summary>
internal static class StatusView
{
    private const int State = 3;

    private static readonly string[] Headers = ["host", "organization", "identity", "state", "time left", "refresh in", "fetches", "hits"];
    private static readonly int[] Numbers = [6, 7];

    // What a narrow terminal goes without before a row breaks.
    private static readonly int[] LeastNeededFirst = [6, 7, 1, 5, 2];

    /// <summary>Plain text, a row a line however long it is.</summary>
    public static string Plain(StatusReport report, DateTimeOffset now) =>
        string.Concat(Lines(report, now, int.MaxValue).Select(line => $"{string.Concat(line.Select(part => part.Text)).TrimEnd(' ')}\n"));

    /// <summary>The same for a terminal of this many columns, in colors.</summary>
    public static Rows Render(StatusReport report, DateTimeOffset now, int width) => new(Lines(report, now, width).Select(line =>
    {
        var paragraph = new Paragraph();
        foreach ((string text, Style style) in line)
        {
            paragraph.Append(text, style);
        }

        return paragraph;
    }));

    private static IEnumerable<IEnumerable<(string Text, Style Style)>> Lines(StatusReport report, DateTimeOffset now, int width) =>
        report switch
        {
            { Daemon: null } => [Line("no daemon is running; the next docker pull starts one")],
            { Daemon: var daemon, Entries: [] } =>
                [Line(Describe(daemon)), .. Warning(daemon), Line("no tokens yet; the first docker pull fetches one")],
            { Daemon: var daemon } =>
                [Line(Describe(daemon)), .. Warning(daemon), .. Table(report.Entries, now, width), .. Errors(report.Entries)],
        };

    private static (string, Style)[] Line(string text) => [(TextSanitizer.Line(text), Style.Plain)];

    private static string Describe(DaemonStatus daemon) =>
        $"arkd {daemon.Version}, pid {daemon.Pid}, up {Lifetime.Words(TimeSpan.FromSeconds(daemon.UptimeSeconds))}, "
            + (daemon.Requests == 1 ? "1 request" : $"{daemon.Requests} requests");

    private static IEnumerable<IEnumerable<(string, Style)>> Table(IReadOnlyList<EntryStatus> entries, DateTimeOffset now, int width)
    {
        IReadOnlyList<string[]> rows = TextTable.Align([Headers, .. entries.Select(entry => Cells(entry, now))], numbers: Numbers);
        List<int> shown = [.. Enumerable.Range(0, Headers.Length)];
        foreach (int column in LeastNeededFirst.Where(_ => shown.Sum(each => rows[0][each].Length + 2) - 2 > width))
        {
            shown.Remove(column);
        }

        return rows.Select((row, number) => shown.Select((column, place) =>
            (place == 0 ? row[column] : $"  {row[column]}", number == 0 ? Bold : StyleOf(column, row[column].TrimEnd()))));
    }

    private static Style Bold => new(decoration: Decoration.Bold);

    private static Style StyleOf(int column, string cell) => column == State ? new Style(ColorOf(cell)) : Style.Plain;

    private static string[] Cells(EntryStatus entry, DateTimeOffset now) =>
    [
        entry.Host,
        entry.Organization ?? "-",
        entry.Identity,
        entry.State,
        Until(entry.ExpiresAt, now, past: "none"),
        Until(entry.RefreshAt, now, past: "now"),
        $"{entry.Fetches}",
        $"{entry.Hits}",
    ];

    /// <summary>Each problem once, however many hosts have it: one login that is over is one thing to do.</summary>
    private static IEnumerable<IEnumerable<(string, Style)>> Errors(IEnumerable<EntryStatus> entries) =>
        from entry in entries
        where entry.LastError is { Length: > 0 }
        group entry.Host by entry.Problem ?? new ProblemEntry(null, entry.LastError!, null) into hosts
        from line in Lines($"last error of {string.Join(", ", hosts.Distinct())}", hosts.Key)
        select line;

    private static IEnumerable<IEnumerable<(string, Style)>> Warning(DaemonStatus daemon) =>
        daemon.Problem is { } problem ? Lines("warning", problem) : [];

    private static IEnumerable<IEnumerable<(string, Style)>> Lines(string what, ProblemEntry problem) =>
        from line in (string?[])
        [
            $"{what}: {problem.Message}",
            problem.Hint is { } hint ? $"  hint: {hint}" : null,
            problem.Code is { } code ? $"  code: {code}" : null,
        ]
        where line is not null
        select Line(line);

    private static Color ColorOf(string state) => state switch
    {
        "fresh" => Color.Green,
        "refreshing" => Color.Yellow,
        "expired" or "failing" => Color.Red,
        _ => Color.Default,
    };

    private static string Until(DateTimeOffset? instant, DateTimeOffset now, string past) =>
        instant is not { } at ? "-" : at <= now ? past : Lifetime.Words(at - now);
}
