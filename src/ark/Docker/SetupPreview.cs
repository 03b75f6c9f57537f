using System.Text.Json;
using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// What a plan changes, in the manner of a diff. It is made from names and helpers alone: the file's own lines may hold logins,
/// a whole file may be one line, and none of that may reach a screen.
/// </summary>
internal static class SetupPreview
{
    public static void Show(Terminal terminal, SetupPlan plan, string path)
    {
        terminal.WriteLine($"--- {(plan.Current is null ? "/dev/null" : path)}");
        terminal.WriteLine($"+++ {path}");
        if (plan.After.AllHelpers.Any())
        {
            terminal.WriteLine("@@ credHelpers @@");
        }

        foreach (var (host, helper) in plan.After.AllHelpers)
        {
            var kept = plan.Before.HasHelper(host) && plan.Before.HelperOf(host) == helper;
            if (!kept && plan.Before.HasHelper(host))
            {
                terminal.WriteLine($"-  {Entry(host, plan.Before.HelperOf(host))}");
            }

            terminal.WriteLine($"{(kept ? ' ' : '+')}  {Entry(host, helper)}");
        }

        if (plan.Before.CredsStore != plan.After.CredsStore)
        {
            terminal.WriteLine("@@ credsStore @@");
            if (plan.Before.CredsStore is { } store)
            {
                terminal.WriteLine($"-  {Entry("credsStore", store)}");
            }

            terminal.WriteLine($"+  {Entry("credsStore", plan.After.CredsStore)}");
        }

        if (plan.Request.RemovedLogins.Count > 0)
        {
            terminal.WriteLine("@@ auths @@");
        }

        foreach (var login in plan.Request.RemovedLogins)
        {
            terminal.WriteLine($"-  \"{JsonEncodedText.Encode(login)}\": (stored login)");
        }

        ShowBeside(terminal, plan.Request);
    }

    private static void ShowBeside(Terminal terminal, SetupRequest wish)
    {
        if (wish.FallbackHelper is { } fallback)
        {
            terminal.WriteLine($"--- {(fallback.Before is null ? "/dev/null" : fallback.Configuration.Path)}");
            terminal.WriteLine($"+++ {fallback.Configuration.Path}");
            terminal.WriteLine($"+  {Entry(FallbackHelperEdit.NameIn(fallback.Before), fallback.Store)}");
        }

        if (wish.Link is { Exists: false } link)
        {
            terminal.WriteLine($"+++ {link.Path} (the helper for this organization)");
        }
    }

    private static string Entry(string host, string? helper) =>
        $"\"{JsonEncodedText.Encode(host)}\": {(helper is null ? "(not a name)" : $"\"{JsonEncodedText.Encode(helper)}\"")}";
}
