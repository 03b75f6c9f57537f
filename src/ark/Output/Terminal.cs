using System.Text;

namespace Ark.Cli.Output;

/// <summary>
/// Where a command speaks. Results go to the output; errors, hints, warnings and questions go to the error stream,
/// each one line in the form <c>ark: kind: text</c>. Bytes of the daemon pass as they are.
/// </summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="readLine">Waits for a person's answer; null at the end of input.</param>
internal sealed class Terminal(Stream output, Stream error, Func<string?> readLine)
{
    /// <summary>True when a person reads the output: tables get colours and the watch redraws in place.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>True when a person reads the error stream, wherever the output goes.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>True when there is a person who can answer a question.</summary>
    public bool CanAsk { get; init; }

    public TextWriter Out { get; } = Writer(output);

    public TextWriter Error { get; } = Writer(error);

    public void WriteLine(string line) => Out.WriteLine(line);

    /// <summary>Exactly these bytes, on standard output.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => Pass(output, bytes);

    /// <summary>Exactly these bytes, on standard error.</summary>
    public void WriteError(ReadOnlySpan<byte> bytes) => Pass(error, bytes);

    /// <summary>Something good to know that is no result.</summary>
    public void Note(string message) => Error.WriteLine($"ark: note: {message}");

    public void Warn(string message, string? hint = null)
    {
        Error.WriteLine($"ark: warning: {message}");
        Hint(hint);
    }

    /// <summary>Says why it cannot be done; answers the exit code for that.</summary>
    public int Refuse(string message, string? hint = null)
    {
        Error.WriteLine($"ark: error: {message}");
        Hint(hint);
        return 1;
    }

    /// <summary>Asks for yes or no; anything but a yes is a no.</summary>
    public bool Ask(string question)
    {
        Error.Write($"{question} [y/N] ");
        return readLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>The next line of standard input, which may be a secret; null at its end.</summary>
    public string? ReadLine() => readLine();

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false), leaveOpen: true) { AutoFlush = true, NewLine = "\n" };

    private static void Pass(Stream stream, ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        stream.Flush();
    }

    private void Hint(string? hint)
    {
        if (hint is not null)
        {
            Error.WriteLine($"ark: hint: {hint}");
        }
    }
}
