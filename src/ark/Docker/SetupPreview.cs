namespace Ark.Cli.Docker;

/// <summary>
/// What a plan changes, in the manner of a diff. It is made from names and helpers alone: the file's own lines may hold logins,
/// a whole file may be one line, and none of that may reach a screen.
/// </summary>
internal static class SetupPreview
{
    public static List<string> Lines(SetupPlan plan, string path) =>
        [.. Head(plan.Current, path), .. Helpers(plan), .. Store(plan), .. Logins(plan.Request.RemovedLogins), .. OtherFiles(plan.Request)];

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
        removed.Count == 0 ? [] : ["@@ auths @@", .. removed.Select(login => $"-  {Quote(login)}: (stored login)")];

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
