using Ark.Cli.Credentials;
using Ark.Cli.Files;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;

namespace Ark.Cli.Docker;

/// <summary>What setup looks at before it plans anything.</summary>
internal static class SetupChecks
{
    private const string HelperOfAws = "ecr-login";

    /// <summary>
    /// Leaves hosts alone that have another helper. That of AWS does what ark does, so that ark may take its place; any other may be somebody's
    /// only way in.
    /// </summary>
    /// <exception cref="UserError">Another helper serves one of the hosts, and it was not said that it is to be replaced.</exception>
    public static void RefuseOtherHelpers(DockerConfig config, List<string> hosts, bool replace)
    {
        bool HasAnother(string host) => config.HasHelper(host) && (config.HelperOf(host) is not { } helper
            || !(SetupPlan.IsOurs(helper) || IsOfAws(helper)));
        if (!replace && hosts.Find(HasAnother) is { } taken)
        {
            throw new UserError(
                $"another credential helper serves {taken} already: {config.HelperOf(taken) ?? "not a name"}",
                "add --replace to use ark instead; --undo restores it");
        }
    }

    /// <summary>The hosts that AWS's own helper serves now.</summary>
    public static IEnumerable<string> ServedByAws(DockerConfig config, IEnumerable<string> hosts) =>
        hosts.Where(host => config.HelperOf(host) is { } helper && IsOfAws(helper));

    /// <summary>
    /// Asks the daemon who would answer: with ark as its helper, a host that ark does not serve would lose the login that it has.
    /// </summary>
    /// <exception cref="UserError">Nobody would, or nothing chooses between several organizations.</exception>
    public static void RefuseUnserved(DaemonQueries queries, IEnumerable<string> hosts, string? organization)
    {
        foreach (string host in hosts)
        {
            RegistryExplanation answer = queries.Explain(host, organization);
            switch (answer.State)
            {
                case "ambiguous":
                    string first = answer.Candidates is [var candidate, ..] ? candidate : "ORG";
                    throw new UserError(
                        $"several organizations are configured for {host}, and nothing chooses between them: "
                            + string.Join(", ", answer.Candidates),
                        $"name one: ark setup --host {host} --organization {first}, or choose one for every such host: ark use {first}");

                case "stopped" when answer.Problem is { } problem:
                    throw new UserError(problem.Message, problem.Hint ?? "see: ark doctor", problem.Code);

                // The fallback helper is asked for what is not ours, and has the login.
                case "not-served" when answer.FallbackHelper is null:
                    throw new UserError(
                        answer.Reason is { } reason ? $"ark does not serve {host}: {reason}" : $"ark does not serve {host}",
                        "docker keeps the login that it has for it; to have ark serve it, add it to the configuration first");
            }
        }
    }

    private static bool IsOfAws(string helper) => helper == HelperOfAws || helper.StartsWith($"{HelperOfAws}-", StringComparison.Ordinal);
}

/// <summary>
/// Finds out what it takes for ark to become docker's <c>credsStore</c>, so that no login is lost: the store that docker has now becomes
/// the fallback helper of the configuration.
/// </summary>
internal sealed class CredsStoreMigration(DockerConfig config, OrganizationsReport configuration, UserPaths paths)
{
    /// <summary>The fallback helper to write into the configuration, or null where there is none to write.</summary>
    /// <exception cref="UserError">Logins would be lost, or docker and the configuration name different stores.</exception>
    public FallbackHelperChange? Plan()
    {
        if (config.CredsStore == SetupPlan.Helper)
        {
            return null;
        }

        var file = new FallbackHelperEdit(configuration.Path());
        byte[]? current = file.Read();
        string? fallback = file.FallbackHelperOf(current);
        switch (config.CredsStore)
        {
            case null when fallback is null && !config.HasCredentials && paths.SystemStore is { } found:
                return new FallbackHelperChange(file, current, paths.NameForDaemon(found));

            case null when fallback is null:
                RefuseLostLogins();
                return null;

            case null:
                return null;

            case { } store when SetupPlan.IsOurs(store):
                throw new UserError(
                    $"docker's credsStore is ark already, as {store}", "remove that entry from docker's file, or leave it as it is");

            case { } store when store.StartsWith("dev-containers-", StringComparison.Ordinal):
                throw new UserError(
                    $"docker's credsStore is {store}, which VS Code writes anew under another name each time",
                    "register hosts instead: ark setup --host HOST");

            case { } store when fallback is null:
                return new FallbackHelperChange(file, current, paths.NameForDaemon(store));

            case { } store when fallback == store || fallback == paths.NameForDaemon(store):
                return null;

            case { } store:
                throw new UserError(
                    $"docker's credsStore is {store}, but the configuration's fallbackHelper is {fallback}",
                    $"make them the same; the configuration is {file.Path}");
        }
    }

    /// <summary>With a credsStore docker no longer looks at the passwords in its own file.</summary>
    private void RefuseLostLogins()
    {
        IEnumerable<RegistryEntry> registries = configuration.Organizations.SelectMany(organization => organization.Registries);
        HashSet<string> ours = [.. registries.SelectMany(registry => registry.Hosts).Select(RegistryHost.Registry)];
        bool IsLost(string host) => !ours.Contains(host) && !RegistryHost.LooksLikeEcr(host);
        List<string> lost = [.. config.AllStoredLogins.Where(login => IsLost(login.Host)).Select(login => login.Key)];
        if (lost.Count > 0)
        {
            throw new UserError(
                $"docker would no longer find the login for {string.Join(", ", lost)} in its own file, and has no store to move it to",
                "set up a credsStore first (secretservice, osxkeychain, wincred, pass) and docker login again, or name hosts with --host");
        }
    }
}
