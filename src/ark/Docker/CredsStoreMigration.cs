using Ark.Cli.Configuration;
using Ark.Cli.Output;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Docker;

/// <summary>
/// Finds out what it takes for ark to become docker's <c>credsStore</c>, so that no login is lost: the store that is there now becomes
/// the configuration's fallback helper.
/// </summary>
internal sealed class CredsStoreMigration(DockerConfig config, OrganizationsReport configuration, UserPaths paths)
{
    /// <summary>The fallback helper to write into the configuration, or null where the configuration needs none.</summary>
    /// <exception cref="UserError">Logins would be lost, or docker and the configuration name different stores.</exception>
    public FallbackHelperChange? Plan()
    {
        if (config.CredsStore == SetupPlan.Helper)
        {
            return null;
        }

        var file = new FallbackHelperEdit(configuration.Place());
        var current = file.Read();
        var fallback = file.FallbackHelperOf(current);
        switch (config.CredsStore)
        {
            case null when fallback is null:
                RefuseLostLogins();
                return null;

            case null:
                return null;

            case { } store when SetupPlan.IsOurs(store):
                throw new UserError($"docker's credsStore is ark already, as {TextSanitizer.Line(store)}", "remove that entry from docker's file, or leave it as it is");

            case { } store when fallback is null:
                return new FallbackHelperChange(file, current, paths.NameForDaemon(store));

            case { } store when fallback == store || fallback == paths.NameForDaemon(store):
                return null;

            case { } store:
                throw new UserError(
                    $"docker's credsStore is {TextSanitizer.Line(store)}, but the configuration's fallbackHelper is {TextSanitizer.Line(fallback)}",
                    $"make them the same; the configuration is {file.Path}");
        }
    }

    /// <summary>With a credsStore docker no longer looks at the passwords in its own file.</summary>
    private void RefuseLostLogins()
    {
        var ours = configuration.Organizations.SelectMany(organization => organization.Registries).SelectMany(registry => registry.Hosts).Select(RegistryHost.OfKey).ToHashSet();
        var lost = config.AllStoredLogins.Where(login => !ours.Contains(RegistryHost.OfKey(login)) && !RegistryHost.LooksLikeEcr(RegistryHost.OfKey(login))).ToList();
        if (lost.Count > 0)
        {
            throw new UserError(
                $"docker's file itself holds the login for {TextSanitizer.Line(string.Join(", ", lost))}, which docker would no longer find, and there is no store to hand it to",
                "set up a credsStore first (secretservice, osxkeychain, wincred, pass) and docker login again, or name hosts with --host");
        }
    }
}
