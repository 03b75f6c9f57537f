using System.Globalization;
using Ark.Messages;
using Ark.Wire;
using Spectre.Console;

namespace Ark.Cli.Output;

/// <summary>
/// The status as people read it: a line about the daemon, a table of its tokens, the last errors, and where the log is. A narrow terminal
/// gets a table without its least needed columns and with shorter hosts; the organization always stays, since it tells rows apart.
/// </summary>
internal static class StatusView
{
    private const int Host = 0;
    private const int Identity = 2;
    private const int State = 3;
    private const int RefreshIn = 5;
    private const int Fetches = 6;
    private const int Hits = 7;

    /// <summary>What is left of a cell at least, when it is cut.</summary>
    private const int LeastCell = 12;

    private static readonly string[] Headers = ["host", "organization", "identity", "state", "time left", "refresh in", "fetches", "hits"];
    private static readonly int[] Numbers = [Fetches, Hits];

    /// <summary>What a narrow terminal goes without, step by step, until a row fits.</summary>
    private static readonly Func<Columns, Columns>[] Sacrifices =
    [
        columns => columns.Without(Fetches),
        columns => columns.Without(Hits),
        columns => columns with { ShortHosts = true },
        columns => columns.Without(RefreshIn),
        columns => columns with { Cut = [Identity] },
        columns => columns with { Bars = false },
        columns => columns.IdentityIsNeeded ? columns : columns.Without(Identity),
        columns => columns with { Cut = [Identity, Host] },
    ];

    /// <summary>Plain text, a row a line however long it is.</summary>
    public static string Plain(StatusReport report, DateTimeOffset now) =>
        string.Concat(Lines(report, now, Columns.All).Select(line => $"{string.Concat(line.Select(part => part.Text)).TrimEnd(' ')}\n"));

    /// <summary>The same for a terminal of this many columns, in colors.</summary>
    /// <param name="report">What is shown.</param>
    /// <param name="now">The instant that lifetimes are counted from.</param>
    /// <param name="width">How many characters a line has.</param>
    /// <param name="unicode">False for a terminal that has no more than ASCII.</param>
    public static Rows Render(StatusReport report, DateTimeOffset now, int width, bool unicode = true)
    {
        var all = new Columns { Bars = true, Unicode = unicode, Width = width, IdentityIsNeeded = RowNames.NeedIdentity(report.Entries) };
        List<Columns> choices = Sacrifices.Aggregate(new List<Columns> { all }, (steps, sacrifice) => [.. steps, sacrifice(steps[^1])]);
        Columns columns = choices.FirstOrDefault(each => WidthOf(report, now, each) <= width) ?? choices[^1];
        return new Rows(Lines(report, now, columns).Select(line =>
        {
            var paragraph = new Paragraph();
            foreach ((string text, Style style) in line)
            {
                paragraph.Append(text, style);
            }

            return paragraph;
        }));
    }

    private static int WidthOf(StatusReport report, DateTimeOffset now, Columns columns) =>
        Table(report.Entries, now, columns).First().Sum(static part => part.Text.Length);

    private static IEnumerable<IEnumerable<(string Text, Style Style)>> Lines(StatusReport report, DateTimeOffset now, Columns columns) =>
        report switch
        {
            { Daemon: null } => [Line("no daemon is running; the next docker pull starts one")],
            { Daemon: var daemon, Entries: [] } =>
                [Line(Describe(daemon)), .. Warning(daemon), Line("no tokens yet; the first docker pull fetches one"), .. Log(daemon)],
            { Daemon: var daemon } =>
            [
                Line(Describe(daemon)),
                .. Warning(daemon),
                .. Table(report.Entries, now, columns),
                .. Errors(report.Entries),
                .. Log(daemon),
            ],
        };

    private static (string, Style)[] Line(string text) => [(TextSanitizer.Line(text), Style.Plain)];

    private static string Describe(DaemonStatus daemon) =>
        $"arkd {daemon.Version}, pid {daemon.Pid}, up {Lifetime.Words(TimeSpan.FromSeconds(daemon.UptimeSeconds))}, "
            + (daemon.Requests == 1 ? "1 request" : $"{daemon.Requests} requests");

    private static IEnumerable<(string, Style)[]> Log(DaemonStatus daemon) => daemon.Log switch
    {
        null => [],
        DaemonStatus.Journal => [Line("log: the journal (ark logs)")],
        var path => [Line($"log: {path} (ark logs)")],
    };

    private static IEnumerable<IReadOnlyList<(string Text, Style Style)>> Table(
        IReadOnlyList<EntryStatus> entries, DateTimeOffset now, Columns columns)
    {
        if (entries is [])
        {
            return [[("", Style.Plain)]];
        }

        string[] whole = [.. entries.Select(entry => entry.Host)];
        string[] hosts = columns.ShortHosts ? Shortened.Hosts(whole) : whole;
        string[] identities = RowNames.Identities(entries);
        List<string[]> cells = [[.. Headers], .. entries.Select((entry, row) => Cells(entry, hosts[row], identities[row], now, columns))];
        IReadOnlyList<string[]> rows = TextTable.Align(cells, numbers: Numbers);
        foreach (int column in columns.Cut.Where(columns.Shown.Contains))
        {
            int most = Math.Max(LeastCell, rows[0][column].Length - Math.Max(0, columns.LengthOf(rows[0]) - columns.Width));
            cells.ForEach(row => row[column] = Shortened.Middle(row[column], most));
            rows = TextTable.Align(cells, numbers: Numbers);
        }

        return rows.Select((row, number) => columns.Shown.Select((column, place) =>
            (place == 0 ? row[column] : $"  {row[column]}", number == 0 ? Bold : StyleOf(column, row[column].TrimEnd()))).ToArray());
    }

    private static Style Bold => new(decoration: Decoration.Bold);

    private static Style StyleOf(int column, string cell) => column == State ? new Style(ColorOf(cell)) : Style.Plain;

    private static string[] Cells(EntryStatus entry, string host, string identity, DateTimeOffset now, Columns columns) =>
    [
        host,
        entry.Organization ?? "-",
        identity,
        entry.State,
        (columns.Bars && entry.ExpiresAt is { } end ? $"{LifetimeBar.Of(end - now, columns.Unicode)} " : "")
            + Until(entry.ExpiresAt, now, past: "none"),
        Until(entry.RefreshAt, now, past: "now"),
        entry.Fetches.ToString(CultureInfo.InvariantCulture),
        entry.Hits.ToString(CultureInfo.InvariantCulture),
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

    /// <summary>What of the table is shown.</summary>
    private sealed record Columns
    {
        public static Columns All { get; } = new();

        public IReadOnlyList<int> Shown { get; init; } = [.. Enumerable.Range(0, Headers.Length)];

        public bool ShortHosts { get; init; }

        public bool Bars { get; init; }

        public bool Unicode { get; init; }

        /// <summary>The columns whose cells may be cut, in this order.</summary>
        public IReadOnlyList<int> Cut { get; init; } = [];

        public int Width { get; init; } = int.MaxValue;

        /// <summary>Rows would look alike without it.</summary>
        public bool IdentityIsNeeded { get; init; }

        /// <summary>Of a row, with the blanks between its cells.</summary>
        public int LengthOf(string[] row) => Shown.Sum(column => row[column].Length + 2) - 2;

        public Columns Without(int column) => this with { Shown = [.. Shown.Where(each => each != column)] };
    }
}

/// <summary>What a narrow table has room for.</summary>
internal static class Shortened
{
    /// <summary>The hosts, those of ECR as account and region where that still tells all of them apart.</summary>
    public static string[] Hosts(IEnumerable<string> hosts)
    {
        string[] all = [.. hosts];
        Dictionary<string, int> uses = all.Distinct().GroupBy(Host).ToDictionary(group => group.Key, group => group.Count());
        return [.. all.Select(host => uses[Host(host)] == 1 ? Host(host) : host)];
    }

    /// <summary>A text without its middle where it is longer; the ends tell most.</summary>
    public static string Middle(string text, int most) => text.Length <= most ? text
        : string.Concat(text.AsSpan(0, most / 2), "…", text.AsSpan(text.Length - (most - (most / 2) - 1)));

    private static string Host(string host) =>
        host.Split('.') is [{ Length: 12 } account, "dkr", "ecr", var region, "amazonaws", "com"] ? $"{account}…{region}" : host;
}

/// <summary>Who asks, as rows show it.</summary>
internal static class RowNames
{
    /// <summary>The identities; those of rows that are alike otherwise get the account, and a number where that is the same too.</summary>
    public static string[] Identities(IReadOnlyList<EntryStatus> entries)
    {
        string[] names = [.. entries.Select(static entry => entry.Identity is { Length: > 0 } identity ? identity : "-")];
        return Numbered(entries, [.. Alike(entries, names).Select((isAlike, row) =>
            isAlike && entries[row].Account is { } account ? $"{names[row]} of {account}" : names[row])]);
    }

    /// <summary>Whether two rows have the same host and organization.</summary>
    public static bool NeedIdentity(IReadOnlyList<EntryStatus> entries) =>
        entries.GroupBy(static entry => (entry.Host, entry.Organization)).Any(static same => same.Count() > 1);

    private static string[] Numbered(IReadOnlyList<EntryStatus> entries, string[] names)
    {
        bool[] alike = Alike(entries, names);
        var seen = new Dictionary<(string, string?, string), int>();
        return [.. names.Select((name, row) =>
        {
            (string, string?, string) key = (entries[row].Host, entries[row].Organization, name);
            seen[key] = seen.GetValueOrDefault(key) + 1;
            return alike[row] ? $"{name} #{seen[key]}" : name;
        })];
    }

    private static bool[] Alike(IReadOnlyList<EntryStatus> entries, string[] names)
    {
        var rows = entries.Select((entry, row) => (entry.Host, entry.Organization, names[row])).ToList();
        var counts = rows.GroupBy(static row => row).ToDictionary(static same => same.Key, static same => same.Count());
        return [.. rows.Select(row => counts[row] > 1)];
    }
}

/// <summary>How much of its longest life a token has left: ECR's live 12 hours.</summary>
internal static class LifetimeBar
{
    private const int Cells = 6;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    /// <summary>Six characters.</summary>
    public static string Of(TimeSpan left, bool unicode)
    {
        int full = (int)Math.Ceiling(Math.Clamp(left / Longest, 0, 1) * Cells);
        return new string(unicode ? '━' : '#', full) + new string(unicode ? '╌' : '.', Cells - full);
    }
}
