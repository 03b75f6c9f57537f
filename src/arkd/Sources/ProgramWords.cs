using System.Text;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>What a program says for itself, as far as it may be shown.</summary>
internal static class ProgramWords
{
    private const int MaxLine = 200;

    /// <summary>
    /// The first line that says something, cut after 200 characters; empty when none does, and when it holds what JSON is made of: a
    /// program's error is text by docker's protocol, and what is not may be credentials after all.
    /// </summary>
    public static string FirstLine(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> rest = text.Trim(" \t\r\n"u8);
        int end = rest.IndexOfAny((byte)'\r', (byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
        return line.ContainsAny("{}\""u8) ? "" : TextSanitizer.Line(Encoding.UTF8.GetString(line).Trim(), MaxLine);
    }
}
