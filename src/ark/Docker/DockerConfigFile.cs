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

    /// <summary>What setup did to this file earlier, or null.</summary>
    public EditedFile? Edited => _receipt.For(path);

    /// <summary>Other configurations that setup edited and has not undone.</summary>
    public IEnumerable<string> OthersEdited => _receipt.Files.Select(file => file.Config).Where(config => config != path);

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

        CheckUnchanged(plan.Current);
        var made = SafeFile.MakeDirectory(System.IO.Path.GetDirectoryName(path)!);
        if (plan.Original is { } original)
        {
            SafeFile.Replace(BackupPath, original.Bytes);
        }
        else
        {
            File.Delete(BackupPath);
        }

        Save(new EditedFile
        {
            Config = path,
            Created = plan.Original is null,
            AddedSection = plan.Original?.HasHelperSection != true,
            Hosts = plan.HostsOfArk,
            Directories = [.. made, .. Edited?.Directories ?? []],
            Written = EditedFile.Hash(plan.After.Bytes),
        });
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
        Save(null);
        SafeFile.RemoveEmpty(edited.Directories);
    }

    private void Save(EditedFile? edited)
    {
        _receipt = _receipt.With(path, edited);
        _receipt.Save(receiptPath);
    }

    // A person may think for minutes before saying yes, and docker login writes the same file.
    private void CheckUnchanged(byte[]? seen)
    {
        if (!(Read() ?? []).AsSpan().SequenceEqual(seen ?? []))
        {
            throw new Refusal($"{path} was changed by another program meanwhile", "run ark setup again; nothing was written");
        }
    }
}
