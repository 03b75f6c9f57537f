using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>Collects what is wrong with a file.</summary>
internal sealed class ConfigurationErrors
{
    /// <summary>More than a screenful helps nobody, and a hostile file should not cost more than an honest one.</summary>
    private const int MaxErrors = 20;

    private readonly List<(long Offset, string Value, string Message)> _errors = [];

    public bool Any => _errors.Count > 0;

    public void Add(long offset, string value, string message)
    {
        if (_errors.Count < MaxErrors)
        {
            _errors.Add((offset, value, message));
        }
    }

    public void Add(Located value, string message) => Add(value.Offset, TextSanitizer.Quote(value.Text), message);

    /// <summary>The errors in the order of the file, each with its line and column.</summary>
    public List<ConfigurationError> InOrder(ReadOnlySpan<byte> file, string path)
    {
        var ordered = new List<ConfigurationError>();
        foreach ((long offset, string value, string message) in _errors.OrderBy(e => e.Offset))
        {
            ReadOnlySpan<byte> before = file[..(int)offset];
            int line = before.Count((byte)'\n') + 1;
            int column = Characters(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
            ordered.Add(new ConfigurationError(path, line, column, value, message));
        }

        return ordered;
    }

    /// <summary>UTF-8 continuation bytes begin no character.</summary>
    private static int Characters(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte b in utf8)
        {
            count += (b & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }
}
