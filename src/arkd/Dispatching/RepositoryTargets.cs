using System.Text;
using Ark.Core.Map;
using Ark.Core.Problems;
using Ark.Core.Registries;
using Ark.Core.Sources;

namespace Ark.Daemon.Dispatching;

/// <summary>A registry in which an organisation's repositories are, or would be.</summary>
internal sealed record RepositoryTarget(Organization Organization, Registry Registry, EcrSource Source)
{
    /// <summary>
    /// Where people push to: below the first of the registry's hosts, which where it is ECR's own gives ECR's own <c>repositoryUri</c>. A
    /// pattern is no host.
    /// </summary>
    public string UrlOf(string repository) => $"{Host}/{repository}";

    /// <summary>
    /// The prefixes, each with its slash, whose repositories are listed with another registry of the organisation at a host of this one:
    /// as with credentials, the longest prefix decides.
    /// </summary>
    public IReadOnlyList<string> ListedApart =>
    [
        .. from other in Organization.Registries
           where other.Source is EcrSource { Service: EcrService.Ecr }
               && other.RepositoryPrefix.Length > Registry.RepositoryPrefix.Length
               && other.Hosts.Intersect(Registry.Hosts).Any()
           select $"{other.RepositoryPrefix}/",
    ];

    private string Host =>
        Registry.Hosts.FirstOrDefault(host => !host.Contains('*', StringComparison.Ordinal))
        ?? EcrHost.NameOf(Source.AccountId ?? "", Source.Region)
        ?? Registry.Hosts[0];
}

/// <summary>Finds in the map which registry a request about repositories is for. Only private registries of ECR have any that are ours to manage.</summary>
internal static class RepositoryTargets
{
    /// <summary>The id that users of the catalog know for all organisations together.</summary>
    private const string Everybody = "77777777-7777-4777-7777-777777777777";

    /// <summary>The one registry in which to create, delete or locate.</summary>
    public static Outcome<RepositoryTarget> One(OrganizationMap map, string? organization, string? host)
    {
        if (organization is null)
        {
            return Bad("no organization is named", "name one of those that `ark org list` shows: --organization NAME");
        }

        if (IsEverybody(organization))
        {
            return Bad($"{Everybody} stands for all organizations and has no repositories of its own", "name the one organization whose repository it is");
        }

        return Find(map, organization).Succeeded(out Organization? found, out Problem? problem)
            ? host is null ? First(found) : At(found, host)
            : problem;
    }

    /// <summary>All registries to list, at least one; every organisation's where none is named.</summary>
    public static Outcome<IReadOnlyList<RepositoryTarget>> All(OrganizationMap map, string? organization, int? registry)
    {
        if (organization is null || IsEverybody(organization))
        {
            RepositoryTarget[] everybodys = [.. map.Organizations.SelectMany(Ecr)];
            if (registry is not null)
            {
                return Bad("a registry's place is one in its organization, and none is named", "name the organization, or leave the place out");
            }

            return everybodys.Length > 0
                ? Outcome.Of<IReadOnlyList<RepositoryTarget>>(everybodys)
                : Bad("the map has no ECR registry to list", "bind one to an organization in the map file; `ark init` proposes a map");
        }

        if (!Find(map, organization).Succeeded(out Organization? found, out Problem? problem) ||
            !(registry is { } place ? At(found, place) : First(found)).Succeeded(out RepositoryTarget? target, out problem))
        {
            return problem;
        }

        return Outcome.Of<IReadOnlyList<RepositoryTarget>>(registry is null ? [.. Ecr(found)] : [target]);
    }

    /// <summary>Whether one organisation's failure must not hide the others' repositories.</summary>
    public static bool IsEverybody(string? organization) => organization is null || organization.Equals(Everybody, StringComparison.OrdinalIgnoreCase);

    private static Outcome<Organization> Find(OrganizationMap map, string organization) => map.FindOrganization(organization) is { } found
        ? found
        : Bad($"the map has no organization '{organization}'", "`ark org list` shows those that there are");

    private static Outcome<RepositoryTarget> First(Organization organization) => Ecr(organization).FirstOrDefault() is { } first
        ? first
        : Bad(
            $"organization {organization.Name} has no private ECR registry{(organization.Registries.Count > 0 ? $", only {string.Join(", ", organization.Registries.Select(one => one.Type).Distinct())}" : "")}",
            "ark manages repositories of private ECR registries; bind one to the organization in the map file");

    private static Outcome<RepositoryTarget> At(Organization organization, string host)
    {
        string? canonical = RegistryReference.Parse(Encoding.UTF8.GetBytes(host)) is RegistryParse.Parsed(var reference) ? reference.Host : null;
        return organization.Registries.FirstOrDefault(registry => canonical is not null && registry.Hosts.Contains(canonical)) is { } found
            ? Manageable(organization, found)
            : Bad($"organization {organization.Name} has no registry '{host}'", $"it has {string.Join(", ", organization.Registries.Select(one => one.Hosts[0]))}");
    }

    private static Outcome<RepositoryTarget> At(Organization organization, int place) => place < organization.Registries.Count
        ? Manageable(organization, organization.Registries[place])
        : Bad($"organization {organization.Name} has {organization.Registries.Count} registries, and none at {place}", "ask again: the map has changed");

    private static Outcome<RepositoryTarget> Manageable(Organization organization, Registry registry) => registry.Source is EcrSource { Service: EcrService.Ecr } source
        ? new RepositoryTarget(organization, registry, source)
        : Bad(
            $"{registry.Hosts[0]} of organization {organization.Name} is of type {registry.Type}, whose repositories ark does not manage",
            "name a host of a private ECR registry");

    private static IEnumerable<RepositoryTarget> Ecr(Organization organization) =>
        from registry in organization.Registries
        let source = registry.Source as EcrSource
        where source?.Service == EcrService.Ecr
        select new RepositoryTarget(organization, registry, source);

    private static Problem Bad(string message, string hint) => new(ProblemKind.BadConfiguration, message, hint);
}
