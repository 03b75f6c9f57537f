using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Repositories;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Messages;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Daemon.Handlers;

/// <summary>
/// Finds the registry that a request about repositories is for. A name that begins with a registry's host is whole and decides alone; any
/// other stands below the prefix of an organization. Only private registries of ECR have repositories that are ours to manage.
/// </summary>
internal sealed class RepositoryTargets(ConfigurationOutcome.Loaded loaded, CallerIdentity caller)
{
    /// <summary>More names than this help nobody.</summary>
    private const int MaxNamed = 10;

    private ArkConfiguration Configuration => loaded.Configuration;

    public Outcome<RepositoryTarget> Find(RepositoryRequest request) =>
        request is { Host: null, Registry: null, Name: { } name } && RegistryOf(name) is { } registry ? At(registry, request.Organization)
        : !OrganizationOf(request.Organization).Succeeded(out Organization? organization, out Problem? problem) ? problem
        : request switch
        {
            { Host: { } host } => At(organization, host),
            { Registry: { } place } => At(organization, place),
            _ => First(organization),
        };

    /// <summary>
    /// The registry that a name begins with: a host of ECR's, or one that the configuration names. Any other first part with a dot is a part
    /// of the repository's path.
    /// </summary>
    private RegistryReference? RegistryOf(string name) =>
        RegistryReference.Parse(Encoding.UTF8.GetBytes(name)) is RegistryParse.Parsed(var registry)
        && (registry.Ecr is not null || Configuration.OrganizationsAt(registry).Count > 0)
        && registry.Path.Length > 0
            ? registry
            : null;

    private Outcome<RepositoryTarget> At(RegistryReference registry, string? organization)
    {
        CallerIdentity asking = organization is null ? caller : caller.Choosing(organization);
        switch (HostResolver.Resolve(loaded, registry, asking))
        {
            case Resolution.Found({ Source: EcrSource { Service: EcrService.Ecr } source } binding):
                Organization? found = binding.Organization is { } name ? Configuration.FindOrganization(name) : null;
                Registry place = found?.Registries.FirstOrDefault(one =>
                        one.RepositoryPrefix == binding.RepositoryPrefix && one.Hosts.Contains(registry.Host))
                    ?? new Registry([registry.Host], binding.RepositoryPrefix, source, binding.Refresh, RepositoryDefaults.None);
                return place.RepositoryPrefix.Length == 0
                    || registry.Path.StartsWith($"{place.RepositoryPrefix}/", StringComparison.Ordinal)
                    ? new RepositoryTarget(found, place with { Hosts = [registry.Host] }, source) { Path = registry.Path }
                    : Bad(
                        $"{registry.Host}/{registry.Path} is not below {place.RepositoryPrefix}, where organization {found!.Name} has its "
                            + "repositories",
                        $"name {registry.Host}/{place.RepositoryPrefix}/{registry.Path}, or only {registry.Path}");

            case Resolution.Found(var binding):
                return Bad(
                    $"{registry.Host} is of type {binding.Source.Type}, whose repositories ark does not manage",
                    "name a host of a private ECR registry");

            case Resolution.Ambiguous(var problem):
                return problem with { Hint = $"add --organization, with one of {string.Join(", ", Configuration.OrganizationsAt(registry))}" };

            case Resolution.Stopped(var problem):
                return problem;

            case Resolution.NotOurs(var reason):
                return Bad(reason ?? $"{registry.Host} is not a registry that ark serves", "name a host of a private ECR registry");

            default:
                return Bad("no repository was named", "ark repo --help");
        }
    }

    /// <summary>Whose repositories are meant: as named, as the caller or <c>ark use</c> chose, by default, or the only one's.</summary>
    private Outcome<Organization> OrganizationOf(string? named)
    {
        if ((named ?? caller.ChosenOrganization ?? loaded.Using ?? Configuration.DefaultOrganization) is { } chosen)
        {
            return Configuration.FindOrganization(chosen) is { } organization
                ? organization
                : Bad(
                    $"the configuration has no organization '{chosen}'"
                        + NearNames.Suggest(chosen, Configuration.Organizations.Select(one => one.Name)),
                    "`ark org list` shows those that there are");
        }

        return Configuration.Organizations switch
        {
            [var only] => only,
            [] => Bad(
                "no organizations are configured",
                "name the repository with its registry, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/NAME, or run: ark init"),
            var several => Bad(
                $"several organizations are configured, and none is chosen: {Some(several.Select(one => one.Name))}",
                $"add --organization {several[0].Name}, or choose one for all commands: ark use {several[0].Name}"),
        };
    }

    private static Outcome<RepositoryTarget> First(Organization organization)
    {
        if (organization.Registries.FirstOrDefault(registry => registry.Source is EcrSource { Service: EcrService.Ecr }) is { } first)
        {
            return Manageable(organization, first);
        }

        string types = string.Join(", ", organization.Registries.Select(registry => registry.Type).Distinct());
        return Bad(
            $"organization {organization.Name} has no private ECR registry{(types.Length > 0 ? $", only {types}" : "")}",
            "ark manages repositories of private ECR registries; bind one to the organization in the configuration");
    }

    private static Outcome<RepositoryTarget> At(Organization organization, string host)
    {
        string? canonical =
            RegistryReference.Parse(Encoding.UTF8.GetBytes(host)) is RegistryParse.Parsed(var reference) ? reference.Host : null;
        return organization.Registries.FirstOrDefault(registry => canonical is not null && registry.Hosts.Contains(canonical)) is { } found
            ? Manageable(organization, found)
            : Bad(
                $"organization {organization.Name} has no registry '{host}'",
                $"it has {string.Join(", ", organization.Registries.Select(one => one.Hosts[0]))}");
    }

    private static Outcome<RepositoryTarget> At(Organization organization, int place) => place < organization.Registries.Count
        ? Manageable(organization, organization.Registries[place])
        : Bad(
            $"organization {organization.Name} has {organization.Registries.Count} registries, and none at {place}",
            "ask again: the configuration has changed");

    private static Outcome<RepositoryTarget> Manageable(Organization organization, Registry registry) =>
        registry.Source is EcrSource { Service: EcrService.Ecr } source
            ? new RepositoryTarget(organization, registry, source)
            : Bad(
                $"{registry.Hosts[0]} of organization {organization.Name} is of type {registry.Type}, "
                    + "whose repositories ark does not manage",
                "name a host of a private ECR registry");

    private static string Some(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(MaxNamed)) + (all.Length > MaxNamed ? $" and {all.Length - MaxNamed} more" : "");
    }

    private static Problem Bad(string message, string hint) => new(ProblemKind.BadSetting, message, hint);
}
