using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ark.Cli.Output;

/// <summary>The status as people read it: a line about the daemon, a table of its tokens, the last errors below.</summary>
internal static class StatusView
{
    // Wide enough for any host, so that a line in a file or a pipe is a row.
    private const int PlainWidth = 400;

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
        console.Write(Render(report, now, TableBorder.None));
        return string.Concat(text.ToString().TrimEnd().Split('\n').Select(line => $"{line.TrimEnd()}\n"));
    }

    public static IRenderable Pretty(StatusReport report, DateTimeOffset now) => Render(report, now, TableBorder.Rounded);

    private static Rows Render(StatusReport report, DateTimeOffset now, TableBorder border) => report switch
    {
        { Daemon: { } daemon, Entries: [] } => new Rows(Header(daemon), new Text("no tokens yet: the first pull or ark token fetches one")),
        { Daemon: { } daemon } => new Rows([Header(daemon), Table(report.Entries, now, border), .. Errors(report.Entries)]),
        _ => new Rows(new Text("no daemon is running; the next docker pull or ark daemon start starts it")),
    };

    private static Text Header(DaemonStatus daemon)
    {
        var requests = daemon.Requests == 1 ? "1 request" : $"{daemon.Requests} requests";
        return new Text($"arkd {Printable.Line(daemon.Version)}, pid {daemon.Pid}, up {Span(TimeSpan.FromSeconds(daemon.UptimeSeconds))}, {requests}");
    }

    private static Table Table(IReadOnlyList<EntryStatus> entries, DateTimeOffset now, TableBorder border)
    {
        var table = new Table { Border = border };
        foreach (var name in new[] { "host", "organization", "identity", "state", "time left", "refresh in", "fetches", "hits" })
        {
            var column = new TableColumn(name) { NoWrap = name is "state" or "time left" or "refresh in" };
            table.AddColumn(name is "fetches" or "hits" ? column.RightAligned() : column);
        }

        foreach (var entry in entries)
        {
            table.AddRow(
                Cell(entry.Host),
                Cell(entry.Organization ?? "-"),
                Cell(entry.Identity),
                new Text(Printable.Line(entry.State), new Style(Colour(entry.State))),
                Cell(Until(entry.ExpiresAt, now, past: "none")),
                Cell(Until(entry.RefreshAt, now, past: "now")),
                Cell($"{entry.Fetches}"),
                Cell($"{entry.Hits}"));
        }

        return table;
    }

    private static IEnumerable<IRenderable> Errors(IEnumerable<EntryStatus> entries) =>
        from entry in entries
        where entry.LastError is { Length: > 0 }
        select Cell($"last error of {entry.Host}: {entry.LastError}");

    private static Text Cell(string text) => new(Printable.Line(text));

    private static Color Colour(string state) => state switch
    {
        "fresh" => Color.Green,
        "refreshing" => Color.Yellow,
        "expired" or "failing" => Color.Red,
        _ => Color.Default,
    };

    private static string Until(DateTimeOffset? instant, DateTimeOffset now, string past) =>
        instant is not { } at ? "-" : at <= now ? past : Span(at - now);

    /// <summary>The two largest units that say something.</summary>
    private static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{span.Days} d {span.Hours} h",
        { TotalHours: >= 1 } => $"{span.Hours} h {span.Minutes} min",
        { TotalMinutes: >= 1 } => $"{span.Minutes} min {span.Seconds} s",
        _ => $"{Math.Max(0, span.Seconds)} s",
    };
}
