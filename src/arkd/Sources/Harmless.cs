using System.Globalization;
using System.Text;

namespace Ark.Daemon.Sources;

/// <summary>
/// Makes text of others fit for one line of a terminal and a log: what ends a line, moves a cursor or turns the direction of writing
/// becomes a question mark.
/// </summary>
internal static class Harmless
{
    private const int MaxLine = 200, MaxName = 128;

    /// <summary>A name that the map gave, cut after 128 characters.</summary>
    public static string Name(string name) => Cut(name, MaxName);

    /// <summary>The text in one line, cut after 200 characters.</summary>
    public static string Line(string text) => Cut(text.Trim(), MaxLine);

    /// <summary>
    /// The first line that says something; empty when none does, and when it holds what JSON is made of: a program's error is text by
    /// docker's protocol, and what is not may be credentials after all.
    /// </summary>
    public static string FirstLine(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> rest = text.Trim(" \t\r\n"u8);
        int end = rest.IndexOfAny((byte)'\r', (byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
        return line.ContainsAny("{}\""u8) ? "" : Line(Encoding.UTF8.GetString(line));
    }

    private static string Cut(string text, int most)
    {
        string safe = string.Concat(text.Take(most).Select(c => IsSafe(c) ? c : '?'));
        return text.Length > most ? $"{safe}…" : safe;
    }

    private static bool IsSafe(char c) => char.GetUnicodeCategory(c) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
