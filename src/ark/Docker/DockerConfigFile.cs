using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// docker's configuration file, or a file of the same form that another client reads, with its backup beside it and its entry in the record
/// of what setup did. What is written is the file that a symbolic link leads to; the link stays.
/// </summary>
internal sealed class DockerConfigFile(string path, string statePath, string client = EditedFile.Docker)
{
    private SetupState _state = SetupState.Load(statePath);

    public string Path => path;

    /// <summary>Whose file it is, for people.</summary>
    public string Client => client;

    public bool IsDockers => client == EditedFile.Docker;

    /// <summary>False where a <c>credsStore</c> is never read.</summary>
    public bool KnowsStores => !client.Contains("podman", StringComparison.Ordinal);

    /// <summary>The same with its verb, which is plural for several clients.</summary>
    public string ClientUses => client.Contains(" and ", StringComparison.Ordinal) ? $"{client} use" : $"{client} uses";

    public string BackupPath => $"{path}.ark-backup";

    /// <summary>The configuration of ark that setup edited for this file alone, or null.</summary>
    public EditedConfiguration? OwnConfiguration =>
        Edited?.Configuration is { } own && !Others.Any(other => other.Configuration?.Path == own.Path) ? own : null;

    /// <summary>The links that setup made for this file alone.</summary>
    public IEnumerable<HelperLink> OwnLinks =>
        (Edited?.Links ?? []).Except(Others.SelectMany(other => other.Links)).Select(link => new HelperLink(link));

    /// <summary>What setup did to this file earlier, or null.</summary>
    public EditedFile? Edited => _state.For(path);

    /// <summary>Other files that setup edited and has not undone.</summary>
    public IEnumerable<EditedFile> Others => _state.Files.Where(file => file.Config != path);

    private string Target => SafeFile.Target(path);

    /// <summary>The same with the record as it is now.</summary>
    public DockerConfigFile Reloaded() => new(path, statePath, client);

    public byte[]? Read() => SafeFile.Read(Target);

    public byte[]? ReadBackup() => SafeFile.Read(BackupPath);

    /// <summary>
    /// Writes what was planned, the record of it first. Killed between any two steps, it leaves the old file or the new one, and a record
    /// by which undo works for both. When a step fails, those before it are taken back.
    /// </summary>
    /// <param name="plan">What to write.</param>
    /// <param name="prove">
    /// Sees whether it will work, once all but docker's file is written, and throws a <see cref="UserError"/> where it does not.
    /// </param>
    public void Apply(SetupPlan plan, Action? prove = null)
    {
        // Others may have finished while a person was asked.
        _state = SetupState.Load(statePath);
        RefuseForeignBackup(BackupPath, Edited is not null, plan.Current);
        CheckUnchanged(path, Read(), plan.Current);
        if (plan.Request.FallbackHelper is { Configuration: var planned, Before: var before })
        {
            RefuseForeignBackup(planned.BackupPath, _state.Files.Any(file => file.Configuration?.Path == planned.Path), before);
            CheckUnchanged(planned.Path, planned.Read(), before);
        }

        EditedFile? earlier = Edited;
        byte[]? earlierBackup = ReadBackup();
        var made = new List<string>();
        try
        {
            made.AddRange(SafeFile.MakeDirectory(System.IO.Path.GetDirectoryName(path)!));
            made.InsertRange(0, SafeFile.MakeDirectory(System.IO.Path.GetDirectoryName(Target)!));
            Write(plan, made, prove);
        }
        catch (UserError)
        {
            TakeBack(plan, earlier, earlierBackup, made);
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TakeBack(plan, earlier, earlierBackup, made);
            throw Explained(e);
        }
    }

    private void Write(SetupPlan plan, List<string> made, Action? prove)
    {
        bool makesLink = plan.Request.Link is { Exists: false };
        var edited = new EditedFile
        {
            Config = path,
            Client = client,
            Created = plan.Original is null,
            AddedSection = plan.Original?.HasHelperSection != true,
            Hosts = plan.HostsOfArk,
            Store = plan.StoreOfArk,
            KeptStore = plan.KeptStore,
            Configuration = Edited?.Configuration ?? ConfigurationOfOthers(plan),
            Links = [.. (Edited?.Links ?? []).Union(LinksOf(plan.Request, makesLink))],
            Directories = [.. made, .. Edited?.Directories ?? []],
            Written = EditedFile.Hash(plan.After.Bytes),
        };
        Save(edited);
        if (plan.Original is { } original)
        {
            SafeFile.ReplaceAndClose(BackupPath, original.Bytes);
        }
        else
        {
            SafeFile.Delete(BackupPath);
        }

        if (makesLink)
        {
            plan.Request.Link!.Make();
        }

        if (plan.Request.FallbackHelper is { } change)
        {
            byte[] after = FallbackHelperEdit.WithFallbackHelper(change.Before, change.Store);
            change.Configuration.Write(change.Before, after, configuration => Save(edited with { Configuration = configuration }));
        }

        if (prove is not null)
        {
            prove();

            // A keychain may have waited for a person, who may have logged in meanwhile.
            CheckUnchanged(path, Read(), plan.Current);
        }

        SafeFile.Replace(Target, plan.After.Bytes);
    }

    /// <summary>After a failure: as it was before this run. What cannot be taken back either stays in the record, for undo.</summary>
    private void TakeBack(SetupPlan plan, EditedFile? earlier, byte[]? earlierBackup, List<string> made)
    {
        try
        {
            if (Edited?.Configuration is { } configuration && earlier?.Configuration is null && ConfigurationOfOthers(plan) is null)
            {
                new FallbackHelperEdit(configuration.Path).Restore(configuration);
            }

            foreach (string link in (Edited?.Links ?? []).Except(earlier?.Links ?? []).Except(Others.SelectMany(other => other.Links)))
            {
                new HelperLink(link).Remove();
            }

            if (earlierBackup is null)
            {
                SafeFile.Delete(BackupPath);
            }
            else
            {
                SafeFile.ReplaceAndClose(BackupPath, earlierBackup);
            }

            Save(earlier);
            SafeFile.RemoveEmpty(made);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to tell.
        }
    }

    /// <summary>The failure, with what to do where the file is the work of another program, as on NixOS.</summary>
    private Exception Explained(Exception failure) => Target != path
        ? new UserError(
            $"{path} leads to {Target}, which cannot be written ({failure.Message.TrimEnd('.')})",
            "add the \"credHelpers\" that --dry-run shows to whatever writes that file, such as home-manager; nothing was written")
        : failure;

    /// <summary>What an earlier setup left that was killed is the file itself; anything else is somebody's.</summary>
    private static void RefuseForeignBackup(string backup, bool isRecorded, byte[]? current)
    {
        if (!isRecorded && SafeFile.Read(backup) is { } found && !found.AsSpan().SequenceEqual(current))
        {
            throw new UserError($"{backup} exists already and is not from this setup", "move it away and try again");
        }
    }

    /// <summary>Restores the original (no file, when it is null), and removes backup, record and the directories made for them.</summary>
    public void Restore(byte[]? original)
    {
        EditedFile edited = Edited ?? throw new InvalidOperationException("nothing was edited");
        if (original is null)
        {
            SafeFile.Delete(Target);
        }
        else if (Read()?.AsSpan().SequenceEqual(original) != true)
        {
            SafeFile.Replace(Target, original);
        }

        SafeFile.Delete(BackupPath);
        if (OwnConfiguration is { } configuration)
        {
            new FallbackHelperEdit(configuration.Path).Restore(configuration);
        }

        foreach (HelperLink link in OwnLinks)
        {
            link.Remove();
        }

        Save(null);
        SafeFile.RemoveEmpty(edited.Directories);
    }

    private void Save(EditedFile? edited) => _state = _state.With(path, edited).Save(statePath);

    // A fallback helper that setup wrote for another docker configuration serves this one too, and stays until the last of them is undone.
    private EditedConfiguration? ConfigurationOfOthers(SetupPlan plan) => !plan.Request.TakesStore ? null
        : Others.Select(file => file.Configuration).FirstOrDefault(configuration => configuration is not null);

    private IEnumerable<string> LinksOf(SetupRequest request, bool made) =>
        request.Link is { } link && (made || Others.Any(other => other.Links.Contains(link.Path))) ? [link.Path] : [];

    // A person may think for minutes before saying yes, and docker login writes the same file.
    private static void CheckUnchanged(string? file, byte[]? now, byte[]? seen)
    {
        if (!now.AsSpan().SequenceEqual(seen))
        {
            throw new UserError($"{file} was changed by another program in the meantime", "run ark setup again; nothing was written");
        }
    }
}
