using System.Text;

namespace Ark.Core.Registries;

/// <summary>Makes foreign text safe for one line of a terminal or a log: printable ASCII stays, the rest is escaped.</summary>
internal static class Printable
{
    private const int MaxLength = 80;

    /// <summary>The value in double quotes, escaped, and cut after 80 characters.</summary>
    public static string Quote(ReadOnlySpan<char> value)
    {
        var text = new StringBuilder("\"");
        foreach (char c in value[..Math.Min(value.Length, MaxLength)])
        {
            _ = c is >= ' ' and <= '~' ? text.Append(c) : text.Append($"\\u{(int)c:x4}");
        }

        return text.Append(value.Length > MaxLength ? "...\"" : "\"").ToString();
    }

    /// <summary>One byte: itself in single quotes, or <c>\xNN</c>.</summary>
    public static string Byte(byte value) => value is >= (byte)'!' and <= (byte)'~' ? $"'{(char)value}'" : $"\\x{value:x2}";
}
