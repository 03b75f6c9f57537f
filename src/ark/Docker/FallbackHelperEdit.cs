using System.Text.Json;
using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// The configuration as far as setup writes it: the text <c>fallbackHelper</c> at its root, which names the credential helper that serves
/// every registry that is not ark's. Everything else in it stays, comments too.
/// </summary>
internal sealed class FallbackHelperEdit(string path)
{
    private const string Name = "fallbackHelper";
    private const string OldName = "chain";

    public string Path => path;

    public string BackupPath => $"{path}.ark-backup";

    private string Target => SafeFile.Target(path);

    public byte[]? Read() => SafeFile.Read(Target);

    /// <summary>The fallback helper in these bytes of a configuration, or null.</summary>
    /// <exception cref="UserError">They are no configuration.</exception>
    public string? FallbackHelperOf(byte[]? bytes)
    {
        try
        {
            return bytes is null || JsonText.IsBlank(bytes)
                ? null
                : JsonEdit.Section(JsonText.ParseWithComments(bytes), NameIn(bytes))?.Value.Text;
        }
        catch (JsonException e)
        {
            throw new UserError(
                $"{path} is not a valid configuration (line {e.LineNumber + 1}, column {e.BytePositionInLine + 1})",
                "see: ark org validate");
        }
    }

    /// <summary>These bytes of a configuration with this fallback helper; a configuration of nothing else where there was none.</summary>
    public static byte[] WithFallbackHelper(byte[]? bytes, string store) => JsonEdit.SetText(bytes ?? [], NameIn(bytes), store);

    /// <summary>The name of the property in these bytes: the old one where that is there, since both together are a mistake.</summary>
    public static string NameIn(byte[]? bytes) =>
        bytes is not null && !JsonText.IsBlank(bytes) && JsonEdit.Section(JsonText.ParseWithComments(bytes), OldName) is not null
            ? OldName
            : Name;

    /// <summary>Writes it and keeps what was there as its backup; <paramref name="note"/> records that, before it is done.</summary>
    public void Write(byte[]? before, byte[] after, Action<EditedConfiguration> note)
    {
        IReadOnlyList<string> made = SafeFile.MakeDirectory(System.IO.Path.GetDirectoryName(path)!);
        note(new EditedConfiguration
        {
            Path = path,
            Created = before is null,
            FallbackHelper = FallbackHelperOf(after)!,
            Directories = made,
            Written = EditedFile.Hash(after),
        });
        if (before is not null)
        {
            SafeFile.Replace(BackupPath, before);
        }

        SafeFile.Replace(Target, after);
    }

    /// <summary>What undo would leave of the configuration as it is now; null for no file.</summary>
    public byte[]? Original(EditedConfiguration edited)
    {
        byte[]? current = Read();
        if (current is null || (edited.Wrote(current) && edited.Created))
        {
            return null;
        }

        if (edited.Wrote(current) && SafeFile.Read(BackupPath) is { } backup)
        {
            return backup;
        }

        // Somebody else wrote it since: only the fallback helper is removed, their part stays.
        byte[] rest = FallbackHelperOf(current) == edited.FallbackHelper ? JsonEdit.RemoveText(current, NameIn(current)) : current;
        return edited.Created && JsonText.ParseWithComments(rest).Root.IsHollow ? null : rest;
    }

    /// <summary>Puts the original in place, and removes the backup and the directories made for the configuration.</summary>
    public void Restore(EditedConfiguration edited)
    {
        if (Original(edited) is not { } original)
        {
            SafeFile.Delete(Target);
        }
        else if (!original.AsSpan().SequenceEqual(Read()))
        {
            SafeFile.Replace(Target, original);
        }

        SafeFile.Delete(BackupPath);
        SafeFile.RemoveEmpty(edited.Directories);
    }
}

/// <summary>A configuration into which setup wrote a fallback helper.</summary>
internal sealed record EditedConfiguration
{
    public required string Path { get; init; }

    /// <summary>True when there was no configuration before.</summary>
    public required bool Created { get; init; }

    /// <summary>The fallback helper that it has since.</summary>
    public required string FallbackHelper { get; init; }

    /// <summary>The directories made for it, the deepest first.</summary>
    public required IReadOnlyList<string> Directories { get; init; }

    /// <summary>SHA-256 of the configuration as setup left it, in hex.</summary>
    public required string Written { get; init; }

    public bool Wrote(byte[] bytes) => Written == EditedFile.Hash(bytes);
}

/// <summary>A fallback helper that is to be written into the configuration.</summary>
/// <param name="Configuration">The configuration.</param>
/// <param name="Before">Its bytes as they were found; null when there was no file.</param>
/// <param name="Store">The helper.</param>
internal sealed record FallbackHelperChange(FallbackHelperEdit Configuration, byte[]? Before, string Store);
