namespace Ark.Cli.Output;

/// <summary>
/// A count on the error stream that redraws itself while something takes long. Only for a person, and only where the results do not
/// run over the same screen.
/// </summary>
internal sealed class Progress(Terminal terminal, string what) : IDisposable
{
    private readonly bool _shown = terminal.ErrorIsTerminal && !terminal.OutputIsTerminal;
    private int _count;
    private int _width;

    /// <summary>So many more are done.</summary>
    public void Advance(int count)
    {
        _count += count;
        if (_shown)
        {
            var line = $"{_count} {what} …";
            terminal.Error.Write($"\r{line}");
            _width = line.Length;
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_width > 0)
        {
            terminal.Error.Write($"\r{new string(' ', _width)}\r");
        }
    }
}
