using System.Text.Json.Serialization;
using Ark.Cli.Output;
using Ark.Wire;
using Spectre.Console;

namespace Ark.Cli.Doctor;

/// <summary>What <c>ark doctor --json</c> prints. It is a contract: names are added, never changed, and none holds a secret.</summary>
internal sealed record DoctorReport
{
    /// <summary>ark's own.</summary>
    public required string Version { get; init; }

    /// <summary>Whether any check failed: the exit code is 1 then.</summary>
    public required bool Failed { get; init; }

    public required IReadOnlyList<DoctorEntry> Checks { get; init; }

    /// <summary>What <c>--fix</c> did, a sentence each.</summary>
    public required IReadOnlyList<string> Fixed { get; init; }

    /// <param name="results">What the checks found.</param>
    /// <param name="done">What was repaired.</param>
    /// <param name="home">The home, which sentences call <c>~</c>; commands do not, since shells do not expand it in quotes.</param>
    public static DoctorReport Of(IReadOnlyList<Result> results, IReadOnlyList<string> done, string? home) => new()
    {
        Version = Build.Current,
        Failed = results.Any(static result => result.Findings.Any(static finding => finding.Verdict == Verdict.Fail)),
        Checks =
        [
            .. from result in results
               from finding in result.Findings
               select new DoctorEntry(
                   result.Check,
                   finding.Verdict switch { Verdict.Ok => "ok", Verdict.Warn => "warn", Verdict.Fail => "fail", Verdict.Skip => "skip" },
                   Short(finding.Message, home),
                   finding.Repair,
                   finding.Code,
                   finding.Fix is not null),
        ],
        Fixed = [.. done.Select(each => Short(each, home))],
    };

    private static string Short(string sentence, string? home) =>
        home is { Length: > 1 } ? sentence.Replace(home, "~", StringComparison.Ordinal) : sentence;
}

/// <summary>A finding of a check; a check may have several.</summary>
/// <param name="Name">The check's.</param>
/// <param name="Result"><c>ok</c>, <c>warn</c>, <c>fail</c> or <c>skip</c>.</param>
/// <param name="Message">What was found.</param>
/// <param name="Repair">What repairs it; null where nothing needs to be.</param>
/// <param name="Code">The problem's code, where the daemon told it.</param>
/// <param name="Fixable">Whether <c>--fix</c> repairs it.</param>
internal sealed record DoctorEntry(string Name, string Result, string Message, string? Repair, string? Code, bool Fixable);

/// <summary>The report as people read it.</summary>
internal static class DoctorView
{
    private const int TagWidth = 7, NameWidth = 18;

    /// <summary>Lines of at most this many columns, as far as no word and no command is longer.</summary>
    public static string Plain(DoctorReport report, int width) =>
        string.Concat(Lines(report, width).Select(static line => $"{line.Tag}{line.Text}".TrimEnd() + "\n"));

    /// <summary>
    /// The same for a terminal, in colors. Only the terminal itself may break what is longer than a line: a command is copied as one then.
    /// </summary>
    public static void Write(DoctorReport report, IAnsiConsole console)
    {
        foreach ((string tag, string text) in Lines(report, console.Profile.Width))
        {
            console.Write(new Text(tag, new Style(ColorOf(tag))));
            console.Profile.Out.Writer.Write($"{text}\n");
        }
    }

    private static IEnumerable<(string Tag, string Text)> Lines(DoctorReport report, int width)
    {
        foreach (string done in report.Fixed)
        {
            yield return ("", TextSanitizer.Line($"fixed: {done}"));
        }

        foreach (DoctorEntry entry in report.Checks)
        {
            string tag = $"{Tag(entry.Result)} ";
            foreach (string line in WordWrap.Lines(TextSanitizer.Line(entry.Message), width - TagWidth - NameWidth))
            {
                yield return (tag, $"{(tag.Trim().Length > 0 ? entry.Name : "").PadRight(NameWidth)}{line}");
                tag = new string(' ', TagWidth);
            }

            // A command is copied: it is never broken.
            if (entry.Repair is { } repair)
            {
                yield return (new string(' ', TagWidth), $"  repair: {TextSanitizer.Line(repair)}");
            }

            if (entry.Code is { } code)
            {
                yield return (new string(' ', TagWidth), $"  code: {TextSanitizer.Line(code)}");
            }
        }

        yield return ("", Summary(report));
    }

    private static string Summary(DoctorReport report)
    {
        int Count(string result) => report.Checks.Count(entry => entry.Result == result);
        string can = report.Checks.Any(static entry => entry.Fixable) ? "; ark doctor --fix repairs what it can" : "";
        return (Count("fail"), Count("warn")) switch
        {
            (0, 0) => "nothing is wrong",
            (0, var warnings) => $"nothing fails; {Plural(warnings, "warning")}{can}",
            (var failures, 0) => $"{Plural(failures, "failure")}{can}",
            var (failures, warnings) => $"{Plural(failures, "failure")}, {Plural(warnings, "warning")}{can}",
        };
    }

    private static string Plural(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string Tag(string result) => result switch
    {
        "ok" => "[ OK ]",
        "warn" => "[WARN]",
        "fail" => "[FAIL]",
        _ => "[SKIP]",
    };

    private static Color ColorOf(string tag) => tag.Trim() switch
    {
        "[ OK ]" => Color.Green,
        "[WARN]" => Color.Yellow,
        "[FAIL]" => Color.Red,
        _ => Color.Default,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
