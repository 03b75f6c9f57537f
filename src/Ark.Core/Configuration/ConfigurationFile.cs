using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>The configuration's text: JSON with comments and trailing commas, read strictly. Its I/O is somebody else's.</summary>
public static class ConfigurationFile
{
    /// <summary>The largest file that is read: several times what ten thousand organizations take.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const string Hint = "correct the configuration; nothing is served from it until then";

    /// <summary>Reads the whole file or refuses all of it. Never throws.</summary>
    /// <param name="utf8">What the file holds; a byte order mark, as Windows editors write it, is passed over.</param>
    /// <param name="path">The file's name, for errors only.</param>
    public static ConfigurationOutcome Parse(ReadOnlySpan<byte> utf8, string path)
    {
        ReadOnlySpan<byte> text = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        var errors = new ConfigurationErrors();
        ArkConfiguration? configuration = null;
        if (text.Length > MaxBytes)
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

        return errors.InOrder(text, path) is { Count: > 0 } ordered
            ? new ConfigurationOutcome.Invalid(Summary(ordered), ordered)
            : new ConfigurationOutcome.Loaded(configuration ?? ArkConfiguration.Empty);
    }

    private static ArkConfiguration? Read(ReadOnlySpan<byte> text, ConfigurationErrors errors)
    {
        var json = new ConfigurationReader(text, errors);
        try
        {
            ConfigurationEntry entry = ConfigurationSyntax.Root(ref json);

            // To the end, so that nothing stands behind the configuration.
            _ = json.Read();
            return errors.Any ? null : new ConfigurationBuilder(entry, errors).Build();
        }
        catch (JsonException e)
        {
            int offset = OffsetOf(text, e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            string value = offset < text.Length ? TextSanitizer.Byte(text[offset]) : "";
            errors.Add(offset, value, $"not valid JSON: {(value.Length > 0 ? $"{value} is wrong here" : "the file ends too early")}");
            return null;
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
        while (Rune.DecodeFromUtf8(text[offset..], out _, out int length) == System.Buffers.OperationStatus.Done)
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
