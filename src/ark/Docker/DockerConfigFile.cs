using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// docker's configuration file with its backup beside it and its entry in the receipt. What is written is the file that a
/// symbolic link leads to; the link stays.
/// </summary>
internal sealed class DockerConfigFile(string path, string receiptPath)
{
    private SetupState _receipt = SetupState.Load(receiptPath);

    public string Path => path;

    public string BackupPath => $"{path}.ark-backup";

    /// <summary>The configuration that setup edited for this configuration alone, or null.</summary>
    public EditedConfiguration? OwnConfiguration => Edited?.Configuration is { } configuration && !Others.Any(other => other.Configuration?.Path == configuration.Path) ? configuration : null;

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
            throw new UserError($"{BackupPath} exists already and is not from this setup", "move it away and try again");
        }

        if (plan.Request.FallbackHelper is { } planned && ConfigurationAt(planned.Configuration.Path) is null && File.Exists(planned.Configuration.BackupPath))
        {
            throw new UserError($"{planned.Configuration.BackupPath} exists already and is not from this setup", "move it away and try again");
        }

        CheckUnchanged(path, Read(), plan.Current);
        CheckUnchanged(plan.Request.FallbackHelper?.Configuration.Path, plan.Request.FallbackHelper?.Configuration.Read(), plan.Request.FallbackHelper?.Before);
        var made = SafeFile.MakeDirectory(System.IO.Path.GetDirectoryName(path)!);
        if (plan.Original is { } original)
        {
            SafeFile.Replace(BackupPath, original.Bytes);
        }
        else
        {
            File.Delete(BackupPath);
        }

        var makesLink = plan.Request.Link is { Exists: false };
        var edited = new EditedFile
        {
            Config = path,
            Created = plan.Original is null,
            AddedSection = plan.Original?.HasHelperSection != true,
            Hosts = plan.HostsOfArk,
            Store = plan.StoreOfArk,
            Configuration = Edited?.Configuration ?? ConfigurationOfOthers(plan),
            Links = [.. (Edited?.Links ?? []).Union(LinksOf(plan.Request, makesLink))],
            Directories = [.. made, .. Edited?.Directories ?? []],
            Written = EditedFile.Hash(plan.After.Bytes),
        };
        Save(edited);
        if (makesLink)
        {
            plan.Request.Link!.Make();
        }

        if (plan.Request.FallbackHelper is { } fallback)
        {
            fallback.Configuration.Write(
                fallback.Before,
                FallbackHelperEdit.WithFallbackHelper(fallback.Before, fallback.Store),
                configuration => Save(edited with { Configuration = configuration }));
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
        if (OwnConfiguration is { } configuration)
        {
            new FallbackHelperEdit(configuration.Path).Restore(configuration);
        }

        foreach (var link in OwnLinks)
        {
            link.Remove();
        }

        Save(null);
        SafeFile.RemoveEmpty(edited.Directories);
    }

    private void Save(EditedFile? edited) => _receipt = _receipt.With(path, edited).Save(receiptPath);

    private EditedConfiguration? ConfigurationAt(string configuration) => _receipt.Files.Select(file => file.Configuration).FirstOrDefault(edited => edited?.Path == configuration);

    // A fallback helper that setup wrote for another configuration serves this one too, and stays until the last of them is undone.
    private EditedConfiguration? ConfigurationOfOthers(SetupPlan plan) => plan.Request.TakesStore ? Others.Select(file => file.Configuration).FirstOrDefault(configuration => configuration is not null) : null;

    private IEnumerable<string> LinksOf(SetupRequest wish, bool made) =>
        wish.Link is { } link && (made || Others.Any(other => other.Links.Contains(link.Path))) ? [link.Path] : [];

    // A person may think for minutes before saying yes, and docker login writes the same file.
    private static void CheckUnchanged(string? file, byte[]? now, byte[]? seen)
    {
        if (!now.AsSpan().SequenceEqual(seen))
        {
            throw new UserError($"{file} was changed by another program meanwhile", "run ark setup again; nothing was written");
        }
    }
}
