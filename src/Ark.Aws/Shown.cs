using System.Globalization;
using System.Text;
using Ark.Core.Problems;

namespace Ark.Aws;

/// <summary>
/// Makes text of others safe for a terminal and a log: what ends a line, moves a cursor or turns the direction of writing is
/// escaped.
/// </summary>
internal static class Shown
{
    private const int MaxName = 128;

    /// <summary>A name that somebody gave, cut after 128 characters.</summary>
    public static string Name(string name) => Line(name.Length <= MaxName ? name : name[..MaxName] + "…");

    /// <summary>The problem in two lines that are lines.</summary>
    public static Problem Of(Problem problem) => problem with { Message = Line(problem.Message), Hint = Line(problem.Hint) };

    private static string Line(string text)
    {
        if (text.All(IsSafe))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            _ = IsSafe(c) ? shown.Append(c) : shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return shown.ToString();
    }

    private static bool IsSafe(char c) => char.GetUnicodeCategory(c) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
