namespace Ark.Cli.Docker;

/// <summary>
/// What setup would make of a configuration. Pure: bytes in, bytes out.
/// The original is the file as it would be had setup never run, whoever edited it since; that is what undo puts back.
/// </summary>
internal sealed class SetupPlan
{
    public const string Helper = "ark";

    private SetupPlan(byte[]? current, DockerConfig before, DockerConfig? original, DockerConfig after, IReadOnlyList<string> removedLogins)
    {
        Current = current;
        Before = before;
        Original = original;
        After = after;
        RemovedLogins = removedLogins;
    }

    /// <summary>The file's bytes as the plan found them; null when there was no file.</summary>
    public byte[]? Current { get; }

    public DockerConfig Before { get; }

    /// <summary>What undo will put back; null for no file. Logins that the plan removes are not in it, so that no copy of them stays.</summary>
    public DockerConfig? Original { get; }

    public DockerConfig After { get; }

    public IReadOnlyList<string> RemovedLogins { get; }

    public bool ChangesNothing => After.Bytes.AsSpan().SequenceEqual(Before.Bytes);

    /// <summary>The hosts that are ark's by setup's doing, in this run or an earlier one.</summary>
    public IReadOnlyList<EditedHost> HostsOfArk =>
        [.. from entry in After.AllHelpers
            where entry.Helper == Helper && Original?.HelperOf(entry.Host) != Helper
            select new EditedHost(entry.Host, Original?.HelperOf(entry.Host))];

    /// <summary>Plans to give the hosts to ark and to remove these stored logins.</summary>
    public static SetupPlan For(DockerConfigFile file, IEnumerable<string> hosts, IReadOnlyList<string> removedLogins)
    {
        var current = file.Read();
        var before = DockerConfig.Parse(current ?? [], file.Path);
        var after = hosts.Where(host => before.HelperOf(host) != Helper).Aggregate(before, (config, host) => config.WithHelper(host, Helper));
        var original = OriginalOf(current, file.Edited, file.ReadBackup(), file.Path);
        return new SetupPlan(current, before, Without(original), Without(after)!, removedLogins);

        DockerConfig? Without(DockerConfig? config) => removedLogins.Aggregate(config, (rest, login) => rest?.WithoutLogin(login));
    }

    /// <summary>The file as it would be had setup never run; null for no file.</summary>
    /// <param name="current">The file now.</param>
    /// <param name="edited">What setup did to it, if anything.</param>
    /// <param name="backup">The backup, if there is one.</param>
    /// <param name="path">How errors call the file.</param>
    public static DockerConfig? OriginalOf(byte[]? current, EditedFile? edited, byte[]? backup, string path)
    {
        if (current is null)
        {
            return null;
        }

        if (edited?.Wrote(current) == true && (edited.Created || backup is not null))
        {
            return edited.Created ? null : DockerConfig.Parse(backup!, path);
        }

        // Somebody else wrote it since: only what is ours goes, their part stays.
        var config = DockerConfig.Parse(current, path);
        if (edited is null)
        {
            return config;
        }

        foreach (var host in edited.Hosts.Where(host => config.HelperOf(host.Host) == Helper))
        {
            config = host.Previous is null ? config.WithoutHelper(host.Host) : config.WithHelper(host.Host, host.Previous);
        }

        if (edited.AddedSection && !config.AllHelpers.Any())
        {
            config = config.WithoutHelperSection();
        }

        return edited.Created && config.IsHollow ? null : config;
    }
}
