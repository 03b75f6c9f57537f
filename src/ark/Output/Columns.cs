using Ark.Wire;
namespace Ark.Cli.Output;

/// <summary>A plain table: each column as wide as its widest cell, two blanks between, none at the end of a line.</summary>
internal static class Columns
{
    /// <summary>Writes the rows, of which the first may be a header; all have the same number of cells.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => TextSanitizer.Line(cell).PadRight(widths[column]))).TrimEnd());
        }
    }
}
