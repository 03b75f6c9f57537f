using Ark.Messages;
using Ark.Wire;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ark.Cli.Output;

/// <summary>The status as people read it: a line about the daemon, a table of its tokens, the last errors below.</summary>
internal static class StatusView
{
    // Wide enough for any host, so that a line in a file or a pipe is a row.
    private const int PlainWidth = 400;

    private static readonly string[] Columns = ["host", "organization", "identity", "state", "time left", "refresh in", "fetches", "hits"];

    // What a narrow terminal goes without before a row breaks, by index.
    private static readonly int[] LeastNeededFirst = [6, 7, 1, 5, 2];

    /// <summary>Text without colours, frames or trailing blanks, ended by a new line.</summary>
    public static string Plain(StatusReport report, DateTimeOffset now)
    {
        var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = PlainWidth;
        console.Write(Render(report, now, PlainWidth));
        return string.Concat(text.ToString().TrimEnd().Split('\n').Select(line => $"{line.TrimEnd()}\n"));
    }

    /// <summary>The same for a terminal of this many columns, which gives it colours.</summary>
    public static Rows Render(StatusReport report, DateTimeOffset now, int width) => report switch
    {
        { Daemon: { } daemon, Entries: [] } => new Rows(Header(daemon), new Text("no tokens yet: the first pull or ark token fetches one")),
        { Daemon: { } daemon } => new Rows([Header(daemon), Table(report.Entries, now, width), .. Errors(report.Entries)]),
        _ => new Rows(new Text("no daemon is running; the next docker pull or ark daemon start starts it")),
    };

    private static Text Header(DaemonStatus daemon)
    {
        var requests = daemon.Requests == 1 ? "1 request" : $"{daemon.Requests} requests";
        return new Text($"arkd {TextSanitizer.Line(daemon.Version)}, pid {daemon.Pid}, up {Lifetime.Words(TimeSpan.FromSeconds(daemon.UptimeSeconds))}, {requests}");
    }

    private static Table Table(IReadOnlyList<EntryStatus> entries, DateTimeOffset now, int width)
    {
        var rows = entries.Select(entry => Cells(entry, now)).ToList();
        var shown = Enumerable.Range(0, Columns.Length).ToList();
        foreach (var column in LeastNeededFirst)
        {
            // The table takes two columns of the screen more for each of its own.
            if (shown.Sum(each => 2 + rows.Max(row => Math.Max(row[each].Length, Columns[each].Length))) > width)
            {
                shown.Remove(column);
            }
        }

        var table = new Table { Border = TableBorder.None };
        foreach (var column in shown)
        {
            var header = new TableColumn(new Text(Columns[column], new Style(decoration: Decoration.Bold)));
            table.AddColumn(Columns[column] is "fetches" or "hits" ? header.RightAligned() : header);
        }

        foreach (var row in rows)
        {
            table.AddRow(shown.Select(column => new Text(row[column], Columns[column] == "state" ? new Style(Colour(row[column])) : Style.Plain)));
        }

        return table;
    }

    private static string[] Cells(EntryStatus entry, DateTimeOffset now) =>
    [
        TextSanitizer.Line(entry.Host),
        TextSanitizer.Line(entry.Organization ?? "-"),
        TextSanitizer.Line(entry.Identity),
        TextSanitizer.Line(entry.State),
        Until(entry.ExpiresAt, now, past: "none"),
        Until(entry.RefreshAt, now, past: "now"),
        $"{entry.Fetches}",
        $"{entry.Hits}",
    ];

    private static IEnumerable<IRenderable> Errors(IEnumerable<EntryStatus> entries) =>
        from entry in entries
        where entry.LastError is { Length: > 0 }
        select new Text(TextSanitizer.Line($"last error of {entry.Host}: {entry.LastError}"));

    private static Color Colour(string state) => state switch
    {
        "fresh" => Color.Green,
        "refreshing" => Color.Yellow,
        "expired" or "failing" => Color.Red,
        _ => Color.Default,
    };

    private static string Until(DateTimeOffset? instant, DateTimeOffset now, string past) =>
        instant is not { } at ? "-" : at <= now ? past : Lifetime.Words(at - now);
}
