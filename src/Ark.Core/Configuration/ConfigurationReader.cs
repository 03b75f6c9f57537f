using System.Text;
using System.Text.Json;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>A string of the configuration and where it stands, for errors that show only later.</summary>
internal readonly record struct Located(string Text, long Offset);

/// <summary>
/// Reads JSON token by token, with comments and trailing commas, and keeps the place of everything. A value of the wrong kind becomes
/// an error and is skipped; broken JSON is a <see cref="JsonException"/>. It never recurses, so depth costs nothing.
/// </summary>
internal ref struct ConfigurationReader(ReadOnlySpan<byte> file, ConfigurationErrors errors)
{
    /// <summary>The configuration's own depth is six; the policies in it have theirs.</summary>
    private const int MaxDepth = 24;

    private Utf8JsonReader _json = new(file, new JsonReaderOptions
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = MaxDepth,
    });

    public ConfigurationErrors Errors { get; } = errors;

    /// <summary>Where the current token begins.</summary>
    public readonly long Offset => _json.TokenStartIndex;

    public readonly bool IsNull => _json.TokenType == JsonTokenType.Null;

    public bool Read() => _json.Read();

    /// <summary>Whether the current value is an object; then <see cref="NextProperty"/> walks it.</summary>
    public bool IsObject(string what) => Is(JsonTokenType.StartObject, what, "an object");

    /// <summary>Whether the current value is an array; then <see cref="NextItem"/> walks it.</summary>
    public bool IsArray(string what) => Is(JsonTokenType.StartArray, what, "an array");

    /// <summary>Moves to the next item of the current array; false at its end.</summary>
    public bool NextItem() => _json.Read() && _json.TokenType != JsonTokenType.EndArray;

    /// <summary>
    /// Moves to the value of the next property that is in <paramref name="known"/>. Every other one is an error, and so is a second one.
    /// </summary>
    /// <param name="known">The names that may stand here.</param>
    /// <param name="seen">One bit for each name that stood here already; 0 for a new object.</param>
    /// <returns>The name, or null at the end of the object.</returns>
    public string? NextProperty(string[] known, ref uint seen)
    {
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            long offset = Offset;
            string? written = Text();
            _ = _json.Read();
            if (written is null)
            {
                _json.Skip();
                continue;
            }

            var name = new Located(written, offset);
            int index = Array.IndexOf(known, written);
            if (index < 0)
            {
                Errors.Add(name, $"unknown property {TextSanitizer.Quote(written)}{NearestName.Suggest(written, known)}");
            }
            else if ((seen & (1u << index)) != 0)
            {
                Errors.Add(name, $"{TextSanitizer.Quote(written)} stands here twice");
            }
            else
            {
                seen |= 1u << index;
                return written;
            }

            _json.Skip();
        }

        return null;
    }

    /// <summary>Adds an error for each of the <paramref name="required"/> properties that an object did not have.</summary>
    public readonly void Require(string[] known, uint seen, long start, string what, params ReadOnlySpan<string> required)
    {
        foreach (string property in required)
        {
            if ((seen & (1u << Array.IndexOf(known, property))) == 0)
            {
                Errors.Add(start, "", $"{what} needs \"{property}\"");
            }
        }
    }

    /// <summary>The current value as a string; null is an error.</summary>
    public Located? String(string what) => Is(JsonTokenType.String, what, "a string") && Text() is { } text ? new(text, Offset) : null;

    /// <summary>The current value as a string; null when it is <c>null</c>, which says as much as leaving it out.</summary>
    public Located? OptionalString(string what) => IsNull ? null : String(what);

    /// <summary>The current value as a number; infinite when it is out of range.</summary>
    public double? Number(string what) =>
        Is(JsonTokenType.Number, what, "a number") ? _json.TryGetDouble(out double value) ? value : double.PositiveInfinity : null;

    /// <summary>The current value as true or false; null after an error.</summary>
    public bool? Boolean(string what) => _json.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => Is(JsonTokenType.True, what, "true or false") ? true : null,
    };

    /// <summary>Moves to the value of the next property of the current object, whatever its name; null at the end.</summary>
    public Located? NextEntry()
    {
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            long offset = Offset;
            string? name = Text();
            _ = _json.Read();
            if (name is not null)
            {
                return new Located(name, offset);
            }

            _json.Skip();
        }

        return null;
    }

    /// <summary>The current object as plain JSON, without the comments and trailing commas that the file may have; null after an error.</summary>
    public string? Json(string what)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            _ = IsObject(what);
            return null;
        }

        long start = Offset;
        using var document = JsonDocument.ParseValue(ref _json);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        try
        {
            document.RootElement.WriteTo(writer);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            Errors.Add(start, "{", $"{what} {{ holds half a surrogate pair");
            return null;
        }

        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The current token as it stands in the file, escaped and cut.</summary>
    public readonly string Raw() => _json.TokenType switch
    {
        JsonTokenType.StartObject => "{",
        JsonTokenType.StartArray => "[",
        JsonTokenType.String => TextSanitizer.Quote(Encoding.UTF8.GetString(_json.ValueSpan)),
        _ => Encoding.UTF8.GetString(_json.ValueSpan[..Math.Min(_json.ValueSpan.Length, 40)]),
    };

    /// <summary>Looks into the current object for a string property without moving; null when absent or written with escapes.</summary>
    public readonly Located? Peek(string property)
    {
        Utf8JsonReader ahead = _json;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            bool found = ahead.ValueSpan.SequenceEqual(Encoding.UTF8.GetBytes(property));
            _ = ahead.Read();
            if (found && ahead is { TokenType: JsonTokenType.String, ValueIsEscaped: false })
            {
                return new Located(Encoding.UTF8.GetString(ahead.ValueSpan), ahead.TokenStartIndex);
            }

            ahead.Skip();
        }

        return null;
    }

    /// <summary>Moves to the end of the current value.</summary>
    public void Skip() => _json.Skip();

    private bool Is(JsonTokenType type, string what, string kind)
    {
        if (_json.TokenType == type)
        {
            return true;
        }

        Errors.Add(Offset, Raw(), $"{what} must be {kind}, not {Raw()}");
        _json.Skip();
        return false;
    }

    /// <summary>The current string; an error and null when an escape in it is half a surrogate pair, which is no text.</summary>
    private readonly string? Text()
    {
        try
        {
            return _json.GetString();
        }
        catch (InvalidOperationException)
        {
            string raw = Encoding.UTF8.GetString(_json.ValueSpan);
            Errors.Add(Offset, TextSanitizer.Quote(raw), $"{TextSanitizer.Quote(raw)} holds half a surrogate pair");
            return null;
        }
    }
}
