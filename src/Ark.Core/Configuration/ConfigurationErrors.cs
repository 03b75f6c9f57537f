using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>A string of the configuration and where it stands.</summary>
internal readonly record struct Located(string Text, int Offset);

/// <summary>Collects the mistakes in a file and knows where each value stands.</summary>
/// <param name="file">What was parsed.</param>
internal sealed class ConfigurationErrors(ReadOnlyMemory<byte> file)
{
    /// <summary>More than a screenful helps nobody, and a hostile file should not cost more than an honest one.</summary>
    private const int MaxErrors = 20;

    private const int MaxShown = 40;

    private readonly List<(int Offset, string Value, string Message)> _errors = [];

    /// <summary>How many mistakes were found, also those beyond the limit.</summary>
    public int Count { get; private set; }

    /// <param name="offset">Where in the file.</param>
    /// <param name="value">The offending value as it is shown; empty where something is missing.</param>
    /// <param name="message">One line, lower case, no full stop, with the value in it.</param>
    public void Add(int offset, string value, string message)
    {
        if (Count++ < MaxErrors)
        {
            _errors.Add((offset, value, message));
        }
    }

    public void Add(JsonElement place, string value, string message) => Add(OffsetOf(JsonMarshal.GetRawUtf8Value(place)), value, message);

    public void Add(JsonElement value, string message) => Add(value, Show(value), message);

    public void Add(Located value, string message) => Add(value.Offset, TextSanitizer.Quote(value.Text), message);

    /// <summary>For the name of a property; the raw name is without its quotes.</summary>
    public void Add(JsonProperty named, string message) =>
        Add(OffsetOf(JsonMarshal.GetRawUtf8PropertyName(named)) - 1, TextSanitizer.Quote(named.Name), message);

    public Located Locate(JsonElement text) => new(text.GetString()!, OffsetOf(JsonMarshal.GetRawUtf8Value(text)));

    /// <summary>A value for a message, escaped and cut.</summary>
    public static string Show(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return "{";
            case JsonValueKind.Array:
                return "[";
            case JsonValueKind.String:
                return TextSanitizer.Quote(value.GetString());
            default:
                ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(value);
                return Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, MaxShown)]);
        }
    }

    /// <summary>The errors in the order of the file, each with its line and column.</summary>
    public List<ConfigurationError> InOrder(string path)
    {
        var ordered = new List<ConfigurationError>();
        foreach ((int offset, string value, string message) in _errors.OrderBy(error => error.Offset))
        {
            ReadOnlySpan<byte> before = file.Span[..offset];
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

    /// <summary>A parsed document is a view of the file, so that each of its values lies in the file's own memory.</summary>
    private int OffsetOf(ReadOnlySpan<byte> raw) =>
        (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(file.Span), ref MemoryMarshal.GetReference(raw));
}
