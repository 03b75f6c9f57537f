using System.Text;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Output;

/// <summary>
/// Where a command prints. Results go to standard output; errors, hints, warnings and questions go to standard error, each one line in
/// the form <c>ark: kind: text</c>. Every line passes the sanitizer here, so that no caller has to think of it; only
/// <see cref="WriteResult(ReadOnlySpan{byte})"/> prints bytes as they are, for programs that read them.
/// </summary>
internal sealed class Terminal(Stream output, Stream error, Func<string?> readLine)
{
    private readonly StreamWriter _output = Writer(output);
    private readonly StreamWriter _error = Writer(error);

    /// <summary>True when a person reads the output: the status gets colors and the watch redraws in place.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>True when a person reads standard error, wherever the output goes.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>True when there is a person who can answer a question.</summary>
    public bool CanAsk { get; init; }

    /// <summary>False once the reader of standard output has gone; for a command that may print nothing for long.</summary>
    public Func<bool> OutputHasReader { get; init; } = () => true;

    /// <summary>With <c>--quiet</c>: results, warnings and errors alone are printed.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>How many characters a line has.</summary>
    public int Width { get; init; } = 80;

    /// <summary>What was done, or need not be: a line that nobody waits for who asked for quiet.</summary>
    public void Say(string line)
    {
        if (!IsQuiet)
        {
            WriteLine(line);
        }
    }

    public void WriteLine(string line) => _output.WriteLine(TextSanitizer.Line(line));

    /// <summary>Text of several lines.</summary>
    public void WriteLines(string text) => _output.Write(SafeLines(text));

    /// <summary>Text of several lines that the daemon sent.</summary>
    public void WriteLines(ReadOnlySpan<byte> text) => WriteLines(Encoding.UTF8.GetString(text));

    /// <summary>Rows of the same number of cells each; the first may be a header.</summary>
    public void WriteTable(IReadOnlyList<string[]> rows, int gap = 2, int leastFirstWidth = 0)
    {
        foreach (string[] cells in TextTable.Align(rows, leastFirstWidth))
        {
            WriteLine(TextTable.Line(cells, gap));
        }
    }

    /// <summary>Exactly these bytes: a password, JSON, and what else programs read.</summary>
    public void WriteResult(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        output.Flush();
    }

    /// <summary>Exactly this text and a line end, for programs.</summary>
    public void WriteResult(string line) => WriteResult(Encoding.UTF8.GetBytes($"{line}\n"));

    /// <summary>Lines for standard error that the daemon sent, already in our form.</summary>
    public void WriteErrorLines(ReadOnlySpan<byte> text) => _error.Write(SafeLines(Encoding.UTF8.GetString(text)));

    /// <summary>Something good to know that is no result.</summary>
    public void Note(string message)
    {
        if (!IsQuiet)
        {
            Tell("note", message);
        }
    }

    public void Warn(string message, string? hint = null, string? code = null)
    {
        Tell("warning", message);
        TellIfAny("hint", hint);
        TellIfAny("code", code);
    }

    /// <summary>Says why it cannot be done; returns the exit code for that.</summary>
    public int Refuse(string message, string? hint = null, string? code = null)
    {
        Tell("error", message);
        TellIfAny("hint", hint);
        TellIfAny("code", code);
        return 1;
    }

    /// <summary>Asks for yes or no; anything but a yes is a no.</summary>
    public bool Ask(string question)
    {
        _error.Write($"{TextSanitizer.Line(question)} [y/N] ");
        return readLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>Asks for a line; null where nobody answers.</summary>
    public string? Prompt(string question)
    {
        _error.Write(TextSanitizer.Line(question));
        return readLine();
    }

    /// <summary>The next line of standard input, which may be a secret; null at its end.</summary>
    public string? ReadLine() => readLine();

    /// <summary>A count on standard error for a person who waits, where no results run over the same screen.</summary>
    /// <param name="what">What is counted.</param>
    /// <param name="isFirst">The results come once the count has gone.</param>
    public Progress ShowProgress(string what, bool isFirst = false) =>
        new(ErrorIsTerminal && (isFirst || !OutputIsTerminal) && !IsQuiet ? _error : TextWriter.Null, what);

    private static string SafeLines(string text) => string.Join('\n', text.Split('\n').Select(each => TextSanitizer.Line(each)));

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(false), leaveOpen: true) { AutoFlush = true, NewLine = "\n" };

    private void Tell(string kind, string message) => _error.WriteLine($"ark: {kind}: {TextSanitizer.Line(message)}");

    private void TellIfAny(string kind, string? message)
    {
        if (message is not null)
        {
            Tell(kind, message);
        }
    }
}

/// <summary>A count that redraws itself in place, and goes when it is disposed of.</summary>
internal sealed class Progress(TextWriter screen, string what) : IDisposable
{
    private int _count;
    private int _width;

    /// <summary>So many more are done.</summary>
    public void Advance(int count)
    {
        _count += count;
        string line = $"{_count} {what} …";
        screen.Write($"\r{line}");
        _width = line.Length;
    }

    public void Dispose()
    {
        if (_width > 0)
        {
            screen.Write($"\r{new string(' ', _width)}\r");
        }
    }
}

/// <summary>
/// Why a command cannot do what it was asked. Thrown where that is found out, printed in one place as <c>ark: error: …</c> and
/// <c>ark: hint: …</c>, with exit code 1.
/// </summary>
/// <param name="message">One line, lower case, no full stop, no secret.</param>
/// <param name="hint">What to do next, in the same form.</param>
/// <param name="code">The daemon's code, where the problem comes from there.</param>
internal sealed class UserError(string message, string hint, string? code = null) : Exception(message)
{
    public ProblemEntry Problem { get; } = new(code, message, hint);
}

/// <summary>The daemon refused, and its own words are on standard error already: the command ends with exit code 1.</summary>
internal sealed class DaemonError(ProblemEntry problem) : Exception("the daemon has said why")
{
    public ProblemEntry Problem => problem;
}

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
