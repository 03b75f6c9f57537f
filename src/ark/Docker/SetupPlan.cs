namespace Ark.Cli.Docker;

/// <summary>
/// What setup would make of a configuration. Pure: bytes in, bytes out.
/// The original is the file as it would be had setup never run, whoever edited it since; that is what undo puts back.
/// </summary>
internal sealed class SetupPlan
{
    public const string Helper = "ark";

    private SetupPlan(SetupRequest request, byte[]? current, DockerConfig before, DockerConfig? original, DockerConfig after)
    {
        Request = request;
        Current = current;
        Before = before;
        Original = original;
        After = after;
    }

    public SetupRequest Request { get; }

    /// <summary>The file's bytes as the plan found them; null when there was no file.</summary>
    public byte[]? Current { get; }

    public DockerConfig Before { get; }

    /// <summary>What undo restores; null for no file. Logins that the plan removes are not in it, so that no copy of them stays.</summary>
    public DockerConfig? Original { get; }

    public DockerConfig After { get; }

    public bool ChangesNothing =>
        After.Bytes.AsSpan().SequenceEqual(Before.Bytes) && Request.FallbackHelper is null && Request.Link?.Exists != false;

    /// <summary>The hosts that are ark's by setup's doing, in this run or an earlier one.</summary>
    public IReadOnlyList<EditedHost> HostsOfArk =>
        [.. from entry in After.AllHelpers
            where entry.Helper is { } helper && IsOurs(helper) && Original?.HelperOf(entry.Host) != helper
            select new EditedHost(entry.Host, Original?.HelperOf(entry.Host), entry.Helper)];

    /// <summary>What ark took the place of as a store, in this run or an earlier one; null where it is no store by setup's doing.</summary>
    public EditedStore? StoreOfArk =>
        After.CredsStore == Helper && Original?.CredsStore != Helper ? new EditedStore(Original?.CredsStore) : null;

    /// <summary>The store that docker would have found by itself, and that setup writes down lest it lose it; or null.</summary>
    public string? KeptStore { get; private init; }

    /// <summary>True for ark under its own name, and under that of an organization.</summary>
    public static bool IsOurs(string helper) => helper == Helper || helper.StartsWith($"{Helper}-", StringComparison.Ordinal);

    /// <summary>Plans what was requested.</summary>
    public static SetupPlan For(DockerConfigFile file, SetupRequest request)
    {
        byte[]? current = file.Read();
        var before = DockerConfig.Parse(current ?? [], file.Path);
        DockerConfig after = request.Hosts.Where(host => before.HelperOf(host) != request.Helper)
            .Aggregate(before, (config, host) => config.WithHelper(host, request.Helper));
        string? kept = request.TakesStore || before.HasCredentials || !after.HasCredentials ? null : request.SystemStore;
        string? store = request.TakesStore ? Helper : kept;
        if (store is not null && after.CredsStore != store)
        {
            after = after.WithCredsStore(store);
        }

        DockerConfig? original = OriginalOf(current, file.Edited, file.ReadBackup(), file.Path);
        return new SetupPlan(request, current, before, Without(original), Without(after)!) { KeptStore = kept ?? file.Edited?.KeptStore };

        DockerConfig? Without(DockerConfig? config) => request.RemovedTokens.Aggregate(config, (rest, login) => rest?.WithoutLogin(login));
    }

    /// <summary>The file as it would be had setup never run; null for no file.</summary>
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

        if (edited.Store is { } store && config.CredsStore == Helper)
        {
            config = store.Previous is null ? config.WithoutCredsStore() : config.WithCredsStore(store.Previous);
        }

        foreach (var host in edited.Hosts.Where(host => config.HelperOf(host.Host) == host.Helper))
        {
            config = host.Previous is null ? config.WithoutHelper(host.Host) : config.WithHelper(host.Host, host.Previous);
        }

        if (edited.AddedSection && !config.AllHelpers.Any())
        {
            config = config.WithoutHelperSection();
        }

        // While anything else is in it, docker would not look for that store again, and the logins in it would be lost.
        if (edited.KeptStore is { } kept && config.CredsStore == kept && !config.WithoutCredsStore().HasCredentials)
        {
            config = config.WithoutCredsStore();
        }

        return edited.Created && config.IsHollow ? null : config;
    }
}

/// <summary>What setup is to do, all of it checked: nothing in here can be refused any more.</summary>
internal sealed record SetupRequest
{
    /// <summary>The keys of <c>credHelpers</c> to give to the helper.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The helper that docker is to use for them.</summary>
    public string Helper { get; init; } = SetupPlan.Helper;

    /// <summary>The link by which that helper is found, or null.</summary>
    public HelperLink? Link { get; init; }

    /// <summary>Whether ark becomes the store for every other host.</summary>
    public bool TakesStore { get; init; }

    /// <summary>The fallback helper to write into the configuration, or null where there is none to write.</summary>
    public FallbackHelperChange? FallbackHelper { get; init; }

    /// <summary>The store of this system that docker finds by itself in a file without credentials; null for none.</summary>
    public string? SystemStore { get; init; }

    /// <summary>The keys of ECR's tokens to remove from docker's file.</summary>
    public IReadOnlyList<string> RemovedTokens { get; init; } = [];
}

/// <summary>
/// What a plan changes, in the manner of a diff. It is made from names and helpers alone: the file's own lines may hold logins,
/// a whole file may be one line, and none of that may reach a screen.
/// </summary>
internal static class SetupPreview
{
    public static List<string> Lines(SetupPlan plan, string path) =>
        [.. Head(plan.Current, path), .. Helpers(plan), .. Store(plan), .. Logins(plan.Request.RemovedTokens), .. OtherFiles(plan.Request)];

    private static string[] Head(byte[]? before, string path) => [$"--- {(before is null ? "/dev/null" : path)}", $"+++ {path}"];

    private static IEnumerable<string> Helpers(SetupPlan plan)
    {
        if (plan.After.AllHelpers.Any())
        {
            yield return "@@ credHelpers @@";
        }

        foreach ((string host, string? helper) in plan.After.AllHelpers)
        {
            bool kept = plan.Before.HasHelper(host) && plan.Before.HelperOf(host) == helper;
            if (!kept && plan.Before.HasHelper(host))
            {
                yield return $"-  {Entry(host, plan.Before.HelperOf(host))}";
            }

            yield return $"{(kept ? ' ' : '+')}  {Entry(host, helper)}";
        }
    }

    private static IEnumerable<string> Store(SetupPlan plan)
    {
        if (plan.Before.CredsStore == plan.After.CredsStore)
        {
            yield break;
        }

        yield return "@@ credsStore @@";
        if (plan.Before.CredsStore is { } store)
        {
            yield return $"-  {Entry("credsStore", store)}";
        }

        yield return $"+  {Entry("credsStore", plan.After.CredsStore)}";
    }

    private static IEnumerable<string> Logins(IReadOnlyList<string> removed) =>
        removed.Count == 0 ? [] : ["@@ auths @@", .. removed.Select(login => $"-  {Quote(login)}: (an ECR token)")];

    private static IEnumerable<string> OtherFiles(SetupRequest request)
    {
        if (request.FallbackHelper is { } change)
        {
            foreach (string line in Head(change.Before, change.Configuration.Path))
            {
                yield return line;
            }

            yield return $"+  {Entry(FallbackHelperEdit.NameIn(change.Before), change.Store)}";
        }

        if (request.Link is { Exists: false } link)
        {
            yield return $"+++ {link.Path} (the helper for this organization)";
        }
    }

    private static string Entry(string host, string? helper) => $"{Quote(host)}: {(helper is null ? "(not a name)" : Quote(helper))}";

    // Letters of every language stay as they are; the terminal makes the rest safe.
    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
