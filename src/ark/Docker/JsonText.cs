using System.Text;
using System.Text.Json;

namespace Ark.Cli.Docker;

/// <summary>
/// A JSON object as it stands in a file: the bytes, and where in them every member begins and ends.
/// A byte order mark is part of the bytes, and so are comments where they are allowed. Blank bytes are not JSON; see <see cref="IsBlank"/>.
/// </summary>
internal sealed class JsonText
{
    // As deep as any sane docker configuration, and shallow enough for recursion.
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 64 };

    private static readonly JsonReaderOptions Lenient =
        Strict with { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private JsonText(byte[] bytes, JsonNode root)
    {
        Bytes = bytes;
        Root = root;
    }

    public byte[] Bytes { get; }

    public JsonNode Root { get; }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads the bytes of one JSON object.</summary>
    /// <exception cref="JsonException">They are anything else. Line and column count from 0; nothing of the text is quoted.</exception>
    public static JsonText Parse(byte[] bytes) => Parse(bytes, Strict);

    /// <summary>The same for a file of ours, where comments and trailing commas are allowed.</summary>
    /// <inheritdoc cref="Parse(byte[])"/>
    public static JsonText ParseWithComments(byte[] bytes) => Parse(bytes, Lenient);

    /// <summary>True for an empty file, also one with a byte order mark or white space: docker takes it for <c>{}</c>.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> bytes) => bytes[MarkLength(bytes)..].Trim(" \t\r\n"u8).IsEmpty;

    public static int MarkLength(ReadOnlySpan<byte> bytes) => bytes.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;

    /// <summary>The white space in front of a member, back to the comma or brace that it follows.</summary>
    public ReadOnlySpan<byte> SpaceBefore(JsonMember member)
    {
        ReadOnlySpan<byte> before = Bytes.AsSpan(0, member.Start);
        return before[before.TrimEnd(" \t\r\n"u8).Length..];
    }

    private static JsonText Parse(byte[] bytes, JsonReaderOptions options)
    {
        int start = MarkLength(bytes);
        var reader = new Utf8JsonReader(bytes.AsSpan(start), options);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("is not a JSON object", null, 0, 0);
            }

            JsonNode root = ReadNode(ref reader, start);
            reader.Read();
            return new JsonText(bytes, root);
        }
        catch (JsonException e)
        {
            // The reader's own message may quote what it stumbled over, and that may be a secret.
            throw new JsonException("is not valid JSON", null, e.LineNumber, Column(bytes, e));
        }
    }

    private static JsonNode ReadNode(ref Utf8JsonReader reader, int offset)
    {
        JsonTokenType kind = reader.TokenType;
        int start = offset + (int)reader.TokenStartIndex;
        var members = new List<JsonMember>();
        string? text = null;
        if (kind == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int nameStart = offset + (int)reader.TokenStartIndex;
                int nameEnd = nameStart + reader.ValueSpan.Length + 2;
                string name = Text(ref reader);
                reader.Read();
                members.Add(new JsonMember(name, nameStart, nameEnd, ReadNode(ref reader, offset)));
            }
        }
        else if (kind == JsonTokenType.StartArray)
        {
            reader.Skip();
        }
        else if (kind == JsonTokenType.String)
        {
            text = Text(ref reader);
        }

        return new JsonNode(kind, start, offset + (int)reader.BytesConsumed, members, text);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Broken UTF-8 or half a surrogate pair: never a name of ours, and its bytes stay as they are.
            return "\uFFFD";
        }
    }

    private static long? Column(byte[] bytes, JsonException problem)
    {
        ReadOnlySpan<byte> line = bytes.AsSpan(MarkLength(bytes));
        for (long skipped = 0L; skipped < problem.LineNumber; skipped++)
        {
            line = line[(line.IndexOf((byte)'\n') + 1)..];
        }

        return problem.BytePositionInLine is { } position && position <= line.Length
            ? Encoding.UTF8.GetCharCount(line[..(int)position])
            : problem.BytePositionInLine;
    }
}

/// <summary>A value: its first byte, the one after its last, its members if it is an object, its text if it is a string.</summary>
internal sealed record JsonNode(JsonTokenType Kind, int Start, int End, IReadOnlyList<JsonMember> Members, string? Text)
{
    public bool IsObject => Kind == JsonTokenType.StartObject;

    /// <summary>An object that says nothing: no members, or only such as say nothing themselves.</summary>
    public bool IsHollow => IsObject && Members.All(member => member.Value.IsHollow);
}

/// <summary>A name and its value; <c>Start</c> is the opening quote of the name, <c>NameEnd</c> the byte after its closing one.</summary>
internal sealed record JsonMember(string Name, int Start, int NameEnd, JsonNode Value);
