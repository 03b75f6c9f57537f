using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// docker's configuration file with its backup beside it and its entry in the receipt. What is written is the file that a
/// symbolic link leads to; the link stays.
/// </summary>
internal sealed class DockerConfigFile(string path, string receiptPath)
{
    private SetupReceipt _receipt = SetupReceipt.Load(receiptPath);

    public string Path => path;

    public string BackupPath => $"{path}.ark-backup";

    /// <summary>The map that setup edited for this configuration alone, or null.</summary>
    public EditedMap? OwnMap => Edited?.Map is { } map && !Others.Any(other => other.Map?.Path == map.Path) ? map : null;

    /// <summary>The links that setup made for this configuration alone.</summary>
    public IEnumerable<HelperLink> OwnLinks => (Edited?.Links ?? []).Except(Others.SelectMany(other => other.Links)).Select(link => new HelperLink(link));

    /// <summary>What setup did to this file earlier, or null.</summary>
    public EditedFile? Edited => _receipt.For(path);

    /// <summary>Other configurations that setup edited and has not undone.</summary>
    public IEnumerable<string> OthersEdited => Others.Select(file => file.Config);

    private IEnumerable<EditedFile> Others => _receipt.Files.Where(file => file.Config != path);

    private string Target => SafeFile.Target(path);

    public byte[]? Read() => SafeFile.Read(Target);

    public byte[]? ReadBackup() => SafeFile.Read(BackupPath);

    /// <summary>
    /// Writes what was planned. Killed between any two steps, it leaves the old file or the new one, and a receipt by which undo works for both.
    /// </summary>
    public void Apply(SetupPlan plan)
    {
        if (Edited is null && File.Exists(BackupPath))
        {
            throw new Refusal($"{BackupPath} exists already and is not from this setup", "move it away and try again");
        }

        if (plan.Wish.Chain is { } planned && MapAt(planned.Map.Path) is null && File.Exists(planned.Map.BackupPath))
        {
            throw new Refusal($"{planned.Map.BackupPath} exists already and is not from this setup", "move it away and try again");
        }

        CheckUnchanged(path, Read(), plan.Current);
        CheckUnchanged(plan.Wish.Chain?.Map.Path, plan.Wish.Chain?.Map.Read(), plan.Wish.Chain?.Before);
        var made = SafeFile.MakeDirectory(System.IO.Path.GetDirectoryName(path)!);
        if (plan.Original is { } original)
        {
            SafeFile.Replace(BackupPath, original.Bytes);
        }
        else
        {
            File.Delete(BackupPath);
        }

        var makesLink = plan.Wish.Link is { Exists: false };
        var edited = new EditedFile
        {
            Config = path,
            Created = plan.Original is null,
            AddedSection = plan.Original?.HasHelperSection != true,
            Hosts = plan.HostsOfArk,
            Store = plan.StoreOfArk,
            Map = Edited?.Map ?? MapOfOthers(plan),
            Links = [.. (Edited?.Links ?? []).Union(LinksOf(plan.Wish, makesLink))],
            Directories = [.. made, .. Edited?.Directories ?? []],
            Written = EditedFile.Hash(plan.After.Bytes),
        };
        Save(edited);
        if (makesLink)
        {
            plan.Wish.Link!.Make();
        }

        if (plan.Wish.Chain is { } chain)
        {
            chain.Map.Write(chain.Before, ChainedMap.WithChain(chain.Before, chain.Store), map => Save(edited with { Map = map }));
        }

        SafeFile.Replace(Target, plan.After.Bytes);
    }

    /// <summary>Puts the original in place (no file, when it is null), and takes away backup, receipt and the directories made for them.</summary>
    public void Restore(byte[]? original)
    {
        var edited = Edited ?? throw new InvalidOperationException("nothing was edited");
        if (original is null)
        {
            File.Delete(Target);
        }
        else if (Read()?.AsSpan().SequenceEqual(original) != true)
        {
            SafeFile.Replace(Target, original);
        }

        File.Delete(BackupPath);
        if (OwnMap is { } map)
        {
            new ChainedMap(map.Path).Restore(map);
        }

        foreach (var link in OwnLinks)
        {
            link.Remove();
        }

        Save(null);
        SafeFile.RemoveEmpty(edited.Directories);
    }

    private void Save(EditedFile? edited) => _receipt = _receipt.With(path, edited).Save(receiptPath);

    private EditedMap? MapAt(string map) => _receipt.Files.Select(file => file.Map).FirstOrDefault(edited => edited?.Path == map);

    // A chain that setup wrote for another configuration serves this one too, and stays until the last of them is undone.
    private EditedMap? MapOfOthers(SetupPlan plan) => plan.Wish.TakesStore ? Others.Select(file => file.Map).FirstOrDefault(map => map is not null) : null;

    private IEnumerable<string> LinksOf(SetupWish wish, bool made) =>
        wish.Link is { } link && (made || Others.Any(other => other.Links.Contains(link.Path))) ? [link.Path] : [];

    // A person may think for minutes before saying yes, and docker login writes the same file.
    private static void CheckUnchanged(string? file, byte[]? now, byte[]? seen)
    {
        if (!now.AsSpan().SequenceEqual(seen))
        {
            throw new Refusal($"{file} was changed by another program meanwhile", "run ark setup again; nothing was written");
        }
    }
}
