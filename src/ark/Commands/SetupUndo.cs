using Ark.Cli.Clients;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Commands;

/// <summary><c>ark setup --undo</c>, file by file.</summary>
internal sealed class SetupUndo(Terminal terminal, UserPaths paths)
{
    /// <summary>
    /// Undoes docker's file and those of all other clients, wherever they were when they were set up; or those of the clients that are
    /// named. A docker configuration in another directory is somebody's on purpose, and is only told of.
    /// </summary>
    public int Run(IReadOnlyList<ClientFile>? named, bool dryRun)
    {
        var docker = new DockerConfigFile(paths.DockerConfig, paths.SetupState);
        string[] files = named is not null
            ? [.. named.Select(file => file.Name)]
            : [docker.Path, .. docker.Others.Where(static other => !other.IsDockers).Select(static other => other.Config)];
        bool any = false;
        foreach (DockerConfigFile file in files.Select(path => new DockerConfigFile(path, paths.SetupState)))
        {
            if (file.Edited is { } edited)
            {
                Undo(file, edited, dryRun);
                any = true;
            }
        }

        if (!any)
        {
            terminal.Say($"nothing to undo: setup did not change {string.Join(", ", files)}");
        }

        foreach (EditedFile other in docker.Reloaded().Others.Where(other => !files.Contains(other.Config)))
        {
            string variable = other.IsDockers ? $"DOCKER_CONFIG={Path.GetDirectoryName(other.Config)} " : "";
            terminal.Say($"also set up: {other.Config}; undo it with: {variable}ark setup --undo");
        }

        return 0;
    }

    /// <summary>The exact original if nobody else wrote the file since, else only what is ours is removed.</summary>
    private void Undo(DockerConfigFile file, EditedFile edited, bool dryRun)
    {
        byte[]? current = file.Read();
        DockerConfig? original = SetupPlan.OriginalOf(current, edited, file.ReadBackup(), file.Path);
        string outcome = Outcome(current, original is null, edited.Wrote(current ?? []));
        List<string> others = OtherOutcomes(file);
        if (dryRun)
        {
            others.ForEach(line => terminal.WriteLine($"would: {line}"));
            terminal.WriteLine($"would leave {file.Path} {outcome}; nothing was written");
            return;
        }

        file.Restore(original?.Bytes);
        terminal.Say($"{file.Path} is {outcome}");
        others.ForEach(terminal.WriteLine);
    }

    private static string Outcome(byte[]? current, bool removes, bool untouched) => (current, removes, untouched) switch
    {
        (null, _, _) => "absent: somebody else removed it",
        (_, true, _) => "removed, as there was none before setup",
        (_, false, true) => "as it was before setup",
        (_, false, false) => "without ark; changes that others made since are kept",
    };

    /// <summary>What undo does beside docker's file, as sentences that are true afterwards.</summary>
    private static List<string> OtherOutcomes(DockerConfigFile docker)
    {
        List<string> lines = [.. docker.OwnLinks.Select(link => $"{link.Path} is removed")];
        if (docker.OwnConfiguration is { } configuration)
        {
            var file = new FallbackHelperEdit(configuration.Path);
            byte[]? original = file.Original(configuration);
            lines.Insert(0, $"{configuration.Path} is " + (original is null ? "removed"
                : original.AsSpan().SequenceEqual(file.Read()) ? "left as it is: its fallbackHelper was changed since"
                : "without its fallbackHelper"));
        }

        return lines;
    }
}
