using Ark.Wire;

namespace Ark.Cli.Output;

/// <summary>A plain table: each column as wide as its widest cell. Cells are made safe before they are measured.</summary>
internal static class TextTable
{
    /// <summary>The cells of each row, padded to the width of their column.</summary>
    /// <param name="rows">All with the same number of cells.</param>
    /// <param name="leastFirstWidth">What the first column has at least, for a table that is printed in parts.</param>
    /// <param name="numbers">The columns that are padded on the left.</param>
    public static IReadOnlyList<string[]> Align(
        IReadOnlyList<string[]> rows, int leastFirstWidth = 0, IReadOnlyCollection<int>? numbers = null)
    {
        List<string[]> safe = [.. rows.Select(row => row.Select(cell => TextSanitizer.Line(cell)).ToArray())];
        int[] widths = [.. Enumerable.Range(0, safe[0].Length).Select(column => safe.Max(row => row[column].Length))];
        widths[0] = Math.Max(widths[0], leastFirstWidth);
        return [.. safe.Select(row => row.Select((cell, column) =>
            numbers?.Contains(column) == true ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])).ToArray())];
    }

    /// <summary>A row as a line: blanks between the columns, none at the end.</summary>
    public static string Line(string[] cells, int gap = 2) => string.Join(new string(' ', gap), cells).TrimEnd(' ');
}
