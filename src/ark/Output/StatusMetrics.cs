using System.Globalization;
using System.Text;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Output;

/// <summary>
/// The status in Prometheus's text format, for the textfile collector of its node exporter. Times are Unix time in seconds.
/// </summary>
internal static class StatusMetrics
{
    private static readonly string[] States = ["fresh", "refreshing", "expired", "failing"];

    public static string Text(StatusReport report)
    {
        var text = new StringBuilder();
        Metric(text, "ark_up", "gauge", "Whether a daemon runs.", [("", report.Daemon is null ? 0 : 1)]);
        if (report.Daemon is not { } daemon)
        {
            return text.ToString();
        }

        Metric(text, "ark_build_info", "gauge", "The daemon's version.", [(Labels(("version", daemon.Version)), 1)]);
        Metric(text, "ark_uptime_seconds", "gauge", "Since when the daemon serves.", [("", daemon.UptimeSeconds)]);
        Metric(text, "ark_requests_total", "counter", "Requests that the daemon was asked.", [("", daemon.Requests)]);
        Metric(text, "ark_faults_total", "counter", "What failed in the daemon that should not have.", [("", daemon.Faults)]);
        Metric(
            text, "ark_clock_skew_seconds", "gauge", "This machine's clock minus that of AWS.",
            daemon.ClockSkewSeconds is { } skew ? [("", skew)] : []);
        var entries = report.Entries.Zip(RowNames.Identities(report.Entries), Labels).Zip(report.Entries).ToList();
        Metric(
            text, "ark_token_expires_timestamp_seconds", "gauge", "When the token ends.",
            from entry in entries where entry.Second.ExpiresAt is not null select (entry.First, Unix(entry.Second.ExpiresAt)));
        Metric(
            text, "ark_token_refresh_timestamp_seconds", "gauge", "When the token is renewed.",
            from entry in entries where entry.Second.RefreshAt is not null select (entry.First, Unix(entry.Second.RefreshAt)));
        Metric(
            text, "ark_token_state", "gauge", "1 for the state that the token is in.",
            from entry in entries
            from state in States
            select ($"{entry.First[..^1]},{Label("state", state)}}}", entry.Second.State == state ? 1L : 0));
        Metric(
            text, "ark_token_fetches_total", "counter", "Fetches of the token.",
            entries.Select(entry => (entry.First, entry.Second.Fetches)));
        Metric(
            text, "ark_token_hits_total", "counter", "Requests that the token answered at once.",
            entries.Select(entry => (entry.First, entry.Second.Hits)));
        return text.ToString();
    }

    private static string Labels(EntryStatus entry, string identity) => Labels(
        ("host", entry.Host), ("organization", entry.Organization ?? ""), ("identity", identity), ("source", entry.Source));

    private static void Metric(StringBuilder text, string name, string type, string help, IEnumerable<(string Labels, long Value)> samples)
    {
        var lines = samples
            .Select(sample => string.Create(CultureInfo.InvariantCulture, $"{name}{sample.Labels} {sample.Value}\n"))
            .ToList();
        if (lines.Count > 0)
        {
            text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n").AppendJoin("", lines);
        }
    }

    private static long Unix(DateTimeOffset? at) => at!.Value.ToUnixTimeSeconds();

    private static string Labels(params (string Name, string Value)[] labels) =>
        $"{{{string.Join(',', labels.Select(label => Label(label.Name, label.Value)))}}}";

    /// <summary>A label, in which only a backslash and a quote mean something once control characters are written out.</summary>
    private static string Label(string name, string value) => $"{name}=\"{TextSanitizer.Line(value)
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
