using System.Buffers;
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
