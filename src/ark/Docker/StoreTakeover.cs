using Ark.Cli.Map;
using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// Finds out what it takes for ark to become docker's <c>credsStore</c>, so that no login is lost: the store that is there now becomes
/// the map's chain.
/// </summary>
internal sealed class StoreTakeover(DockerConfig config, OrganizationsReport map, UserPaths paths)
{
    /// <summary>The chain to write into the map, or null where the map needs none.</summary>
    /// <exception cref="Refusal">Logins would be lost, or docker and the map name different stores.</exception>
    public ChainChange? Plan()
    {
        if (config.CredsStore == SetupPlan.Helper)
        {
            return null;
        }

        var file = new ChainedMap(map.Place());
        var current = file.Read();
        var chain = file.ChainOf(current);
        switch (config.CredsStore)
        {
            case null when chain is null:
                RefuseLostLogins();
                return null;

            case null:
                return null;

            case { } store when SetupPlan.IsOurs(store):
                throw new Refusal($"docker's credsStore is ark already, as {Printable.Line(store)}", "remove that entry from docker's file, or leave it as it is");

            case { } store when chain is null:
                return new ChainChange(file, current, paths.NameForDaemon(store));

            case { } store when chain == store || chain == paths.NameForDaemon(store):
                return null;

            case { } store:
                throw new Refusal(
                    $"docker's credsStore is {Printable.Line(store)}, but the map file chains to {Printable.Line(chain)}",
                    $"make them the same; the map file is {file.Path}");
        }
    }

    /// <summary>With a credsStore docker no longer looks at the passwords in its own file.</summary>
    private void RefuseLostLogins()
    {
        var ours = map.Organizations.SelectMany(organization => organization.Registries).SelectMany(registry => registry.Hosts).Select(RegistryHost.OfKey).ToHashSet();
        var lost = config.AllStoredLogins.Where(login => !ours.Contains(RegistryHost.OfKey(login)) && !RegistryHost.LooksLikeEcr(RegistryHost.OfKey(login))).ToList();
        if (lost.Count > 0)
        {
            throw new Refusal(
                $"docker's file itself holds the login for {Printable.Line(string.Join(", ", lost))}, which docker would no longer find, and there is no store to hand it to",
                "set up a credsStore first (secretservice, osxkeychain, wincred, pass) and docker login again, or name hosts with --host");
        }
    }
}
