using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>The text of the configuration: JSON with comments and trailing commas, read strictly. Somebody else reads the file.</summary>
public static class ConfigurationFile
{
    /// <summary>The largest file that is read: several times what ten thousand organizations take.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const string Hint = "correct the configuration; nothing is served from it until then";

    /// <summary>The configuration's own depth is six; the policies in it have theirs.</summary>
    private const int MaxDepth = 24;

    private static readonly JsonDocumentOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = MaxDepth,
    };

    /// <summary>Reads the whole file or refuses all of it. Never throws.</summary>
    /// <param name="utf8">What the file holds; a byte order mark, as Windows editors write it, is skipped.</param>
    /// <param name="path">The file's name, for errors only.</param>
    public static ConfigurationOutcome Parse(ReadOnlySpan<byte> utf8, string path)
    {
        ReadOnlySpan<byte> given = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        byte[] text = given.Length > MaxBytes ? [] : given.ToArray();
        var errors = new ConfigurationErrors(text);
        ArkConfiguration? configuration = null;
        if (given.Length > MaxBytes)
        {
            errors.Add(0, "", $"the file is larger than {MaxBytes >> 20} MiB");
        }
        else if (!Utf8.IsValid(text))
        {
            int offset = FirstInvalid(text);
            string value = TextSanitizer.Byte(text[offset]);
            errors.Add(offset, value, $"not UTF-8: {value}");
        }
        else
        {
            configuration = Read(text, errors);
        }

        return errors.InOrder(path) is { Count: > 0 } ordered
            ? new ConfigurationOutcome.Invalid(Summary(ordered), ordered)
            : new ConfigurationOutcome.Loaded(configuration ?? ArkConfiguration.Empty);
    }

    private static ArkConfiguration? Read(byte[] text, ConfigurationErrors errors)
    {
        try
        {
            using var json = JsonDocument.Parse(text.AsMemory(), Options);
            FindHalfCharacters(text, errors);
            if (errors.Count == 0)
            {
                ConfigurationTable.Root.Check(json.RootElement, ConfigurationTable.Root.Title, errors);
            }

            return errors.Count == 0 ? new ConfigurationBuilder(errors).Build(new Entry(json.RootElement, ConfigurationTable.Root)) : null;
        }
        catch (JsonException e)
        {
            int offset = OffsetOf(text, e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            string value = offset < text.Length ? TextSanitizer.Byte(text[offset]) : "";
            errors.Add(offset, value, $"not valid JSON: {(value.Length > 0 ? $"{value} is wrong here" : "the file ends too early")}");
            return null;
        }
    }

    /// <summary>
    /// An escape may be half a surrogate pair, which is valid JSON but not text. It is looked for once, so that every string can be read.
    /// </summary>
    private static void FindHalfCharacters(ReadOnlySpan<byte> text, ConfigurationErrors errors)
    {
        if (!text.Contains((byte)'\\'))
        {
            return;
        }

        var json = new Utf8JsonReader(text, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        while (json.Read())
        {
            if (!json.ValueIsEscaped)
            {
                continue;
            }

            try
            {
                _ = json.GetString();
            }
            catch (InvalidOperationException)
            {
                string value = TextSanitizer.Quote(Encoding.UTF8.GetString(json.ValueSpan));
                errors.Add((int)json.TokenStartIndex, value, $"{value} holds half a surrogate pair");
            }
        }
    }

    private static int OffsetOf(ReadOnlySpan<byte> text, long line, long byteInLine)
    {
        int start = 0;
        for (; line > 0; line--)
        {
            start += text[start..].IndexOf((byte)'\n') + 1;
        }

        return (int)Math.Min(start + byteInLine, text.Length);
    }

    private static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(text[offset..], out _, out int length) == OperationStatus.Done)
        {
            offset += length;
        }

        return offset;
    }

    private static Problem Summary(List<ConfigurationError> errors) => new(
        ProblemKind.BadConfiguration,
        errors.Count == 1 ? $"{errors[0]}" : $"{errors[0]} (and {errors.Count - 1} more)",
        Hint);
}

/// <summary>What <see cref="ConfigurationFile.Parse"/> made of a file: the whole configuration or none of it.</summary>
public abstract record ConfigurationOutcome
{
    private ConfigurationOutcome()
    {
    }

    /// <summary>The configuration is in force.</summary>
    /// <param name="Configuration">The configuration.</param>
    /// <param name="Using">What <c>ark use</c> chose, by name or id, or null. The configuration may no longer have it.</param>
    public sealed record Loaded(ArkConfiguration Configuration, string? Using = null) : ConfigurationOutcome;

    /// <summary>The configuration cannot be used, and nothing is served from it.</summary>
    /// <param name="Problem">The first error with its place, for whoever asked for a host meanwhile.</param>
    /// <param name="Errors">Every error that was found, at most 20, in the order of the file. Empty where the file was never read.</param>
    public sealed record Invalid(Problem Problem, IReadOnlyList<ConfigurationError> Errors) : ConfigurationOutcome;
}

/// <summary>One mistake in a configuration.</summary>
/// <param name="Path">The file as the caller named it.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="Value">The offending value as it stands there, quoted, escaped and cut; empty where something is missing.</param>
/// <param name="Message">One line, lower case, no full stop, with the value in it.</param>
public sealed record ConfigurationError(string Path, int Line, int Column, string Value, string Message)
{
    /// <summary><c>file:line:column: message</c>, which editors and terminals turn into a link.</summary>
    public override string ToString() => $"{Path}:{Line}:{Column}: {Message}";
}

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
