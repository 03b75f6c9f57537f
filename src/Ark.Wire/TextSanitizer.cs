using System.Globalization;
using System.Text;

namespace Ark.Wire;

/// <summary>
/// Makes text from elsewhere safe for one line of a terminal or a log: what ends a line, moves a cursor, reverses the direction of
/// writing or is half a character is escaped as <c>\u001b</c>; letters of every language and emoji stay. Everything that ark did not
/// write itself passes here before it is shown, on every output.
/// </summary>
public static class TextSanitizer
{
    private const int MaxName = 128, MaxQuoted = 80;

    /// <summary>The whole text as one line. Passing it again changes nothing.</summary>
    public static string Line(string text)
    {
        foreach (char c in text)
        {
            if (c is < ' ' or > '~')
            {
                return Escape(text);
            }
        }

        return text;
    }

    /// <summary>The text as one line, cut after <paramref name="most"/> characters.</summary>
    public static string Line(string text, int most) => text.Length <= most ? Line(text)
        : Line(text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)]) + "…";

    /// <summary>A name that somebody gave, cut after 128 characters.</summary>
    public static string Name(string name) => Line(name, MaxName);

    /// <summary>
    /// A value that a rule refused: in double quotes, cut after 80 characters, and with everything but printable ASCII escaped, so that a
    /// letter that only looks like the right one is seen.
    /// </summary>
    public static string Quote(ReadOnlySpan<char> value)
    {
        var text = new StringBuilder("\"");
        foreach (char c in value[..Math.Min(value.Length, MaxQuoted)])
        {
            _ = c is >= ' ' and <= '~' ? text.Append(c) : Escape(text, c);
        }

        return text.Append(value.Length > MaxQuoted ? "...\"" : "\"").ToString();
    }

    /// <summary>One byte: itself in single quotes, or <c>\xNN</c>.</summary>
    public static string Byte(byte value) => value is >= (byte)'!' and <= (byte)'~' ? $"'{(char)value}'" : $"\\x{value:x2}";

    private static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length + 16);
        int at = 0;
        while (at < text.Length)
        {
            bool isCharacter = Rune.TryGetRuneAt(text, at, out Rune rune);
            int length = isCharacter ? rune.Utf16SequenceLength : 1;
            foreach (char c in text.AsSpan(at, length))
            {
                _ = isCharacter && IsHarmless(rune) ? safe.Append(c) : Escape(safe, c);
            }

            at += length;
        }

        return safe.ToString();
    }

    private static StringBuilder Escape(StringBuilder text, char c) => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
