using Ark.Cli.Credentials;
using Ark.Cli.Files;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;

namespace Ark.Cli.Docker;

/// <summary>What setup looks at before it plans anything.</summary>
internal static class SetupChecks
{
    /// <exception cref="UserError">Another helper serves one of the hosts, and it was not said that it is to be replaced.</exception>
    public static void RefuseOtherHelpers(DockerConfig config, List<string> hosts, bool replace)
    {
        bool HasAnother(string host) => config.HasHelper(host) && (config.HelperOf(host) is not { } helper || !SetupPlan.IsOurs(helper));
        if (!replace && hosts.Find(HasAnother) is { } taken)
        {
            throw new UserError(
                $"another credential helper serves {taken} already: {config.HelperOf(taken) ?? "not a name"}",
                "add --replace to use ark instead; --undo restores it");
        }
    }

    /// <summary>Warns of what would keep a host from working: a helper that is not on PATH, or a login that wins over it.</summary>
    public static void WarnOfOverrides(IReadOnlyList<string> hosts, Terminal terminal, UserPaths paths)
    {
        if (paths.FindProgram("docker-credential-ark") is null)
        {
            terminal.Warn("docker-credential-ark is not on PATH, where docker looks for it", "add its directory to PATH");
        }

        foreach ((string file, string login) in paths.ContainersAuth.SelectMany(file => Logins(file, hosts).Select(login => (file, login))))
        {
            terminal.Warn(
                $"podman and skopeo use the login for {login} in {file} and never ask ark",
                $"podman logout --authfile {file} {login}");
        }
    }

    // Another program's file: where it cannot be read or understood there is nothing to warn of.
    private static List<string> Logins(string file, IReadOnlyList<string> hosts)
    {
        try
        {
            var config = DockerConfig.Parse(SafeFile.Read(file) ?? [], file);
            return [.. hosts.SelectMany(config.StoredLogins).Distinct()];
        }
        catch (Exception e) when (e is UserError or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
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
            case null when fallback is null:
                RefuseLostLogins();
                return null;

            case null:
                return null;

            case { } store when SetupPlan.IsOurs(store):
                throw new UserError(
                    $"docker's credsStore is ark already, as {store}", "remove that entry from docker's file, or leave it as it is");

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
        HashSet<string> ours = [.. registries.SelectMany(registry => registry.Hosts).Select(RegistryHost.OfKey)];
        bool IsLost(string host) => !ours.Contains(host) && !RegistryHost.LooksLikeEcr(host);
        List<string> lost = [.. config.AllStoredLogins.Where(login => IsLost(RegistryHost.OfKey(login)))];
        if (lost.Count > 0)
        {
            throw new UserError(
                $"docker would no longer find the login for {string.Join(", ", lost)} in its own file, and has no store to move it to",
                "set up a credsStore first (secretservice, osxkeychain, wincred, pass) and docker login again, or name hosts with --host");
        }
    }
}
