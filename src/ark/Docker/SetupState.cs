using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// What setup did, so that it can be undone to the byte. It holds host names, helper names, paths and a hash; never a login.
/// </summary>
internal sealed record SetupState
{
    /// <summary>The directories made for this record itself, the deepest first.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    public IReadOnlyList<EditedFile> Files { get; init; } = [];

    public static SetupState Load(string path)
    {
        try
        {
            return SafeFile.Read(path) is { } bytes ? JsonSerializer.Deserialize(bytes, SetupStateJson.Default.SetupState) ?? new() : new();
        }
        catch (JsonException)
        {
            throw new UserError(
                $"{path}, the record of what setup did, cannot be read",
                "remove it to go on; the original is still in config.json.ark-backup");
        }
    }

    public EditedFile? For(string config) => Files.FirstOrDefault(file => file.Config == config);

    /// <summary>This record with another entry for one file, or with none.</summary>
    public SetupState With(string config, EditedFile? edited) =>
        this with { Files = [.. Files.Where(file => file.Config != config), .. edited is null ? Array.Empty<EditedFile>() : [edited]] };

    /// <summary>Writes it and returns what was written; a record of nothing is removed together with the directories made for it.</summary>
    public SetupState Save(string path)
    {
        if (Files.Count == 0)
        {
            SafeFile.Delete(path);
            SafeFile.RemoveEmpty(Directories);
            return new SetupState();
        }

        IReadOnlyList<string> made = SafeFile.MakeDirectory(Path.GetDirectoryName(path)!);
        SetupState state = this with { Directories = [.. made, .. Directories.Except(made)] };
        SafeFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(state, SetupStateJson.Default.SetupState));
        return state;
    }
}

/// <summary>One docker configuration that setup edited, or a file of another client.</summary>
internal sealed record EditedFile
{
    public const string Docker = "docker";

    /// <summary>Whose file it is, for people.</summary>
    public string Client { get; init; } = Docker;

    [JsonIgnore]
    public bool IsDockers => Client == Docker;

    /// <summary>The path by which docker knows it; it may be a symbolic link.</summary>
    public required string Config { get; init; }

    /// <summary>True when there was no file before.</summary>
    public required bool Created { get; init; }

    /// <summary>True when the file had no <c>credHelpers</c> before.</summary>
    public required bool AddedSection { get; init; }

    /// <summary>Set when setup made ark the store for every other host.</summary>
    public EditedStore? Store { get; init; }

    /// <summary>The store that docker would have found by itself, and that setup wrote down.</summary>
    public string? KeptStore { get; init; }

    /// <summary>The configuration of ark whose fallback helper setup wrote, for this file or another.</summary>
    public EditedConfiguration? Configuration { get; init; }

    /// <summary>Links to the helper that setup made for this file or another, by their full paths.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>The hosts that setup gave to ark, with the helper that each had before.</summary>
    public required IReadOnlyList<EditedHost> Hosts { get; init; }

    /// <summary>The directories made for the file, the deepest first.</summary>
    public required IReadOnlyList<string> Directories { get; init; }

    /// <summary>SHA-256 of the file as setup left it, in hex.</summary>
    public required string Written { get; init; }

    public bool Wrote(byte[] bytes) => Written == Hash(bytes);

    public static string Hash(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes));
}

/// <summary>A host that setup gave to ark.</summary>
/// <param name="Host">The key in <c>credHelpers</c>.</param>
/// <param name="Previous">The helper it had before, or null.</param>
/// <param name="Helper">The helper that setup gave it.</param>
internal sealed record EditedHost(string Host, string? Previous, string Helper = SetupPlan.Helper);

/// <summary>The store that ark replaced.</summary>
/// <param name="Previous">The store that was there before, or null.</param>
internal sealed record EditedStore(string? Previous);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(SetupState))]
internal sealed partial class SetupStateJson : JsonSerializerContext;
