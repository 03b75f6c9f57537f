using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Wire.Registries;

namespace Ark.Daemon.Dispatching;

/// <summary>A registry in which an organization's repositories are, or would be.</summary>
internal sealed record RepositoryTarget(Organization Organization, Registry Registry, EcrSource Source)
{
    /// <summary>
    /// Where people push to: below the first of the registry's hosts, which where it is ECR's own gives ECR's own <c>repositoryUri</c>. A
    /// pattern is no host.
    /// </summary>
    public string UrlOf(string repository) => $"{Host}/{repository}";

    /// <summary>
    /// The prefixes, each with its slash, whose repositories are listed with another registry of the organization at a host of this one:
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

/// <summary>Finds in the configuration which registry a request about repositories is for. Only private registries of ECR have any that are ours to manage.</summary>
internal static class RepositoryTargets
{
    /// <summary>The id that users of the catalog know for all organizations together.</summary>
    private const string Everybody = "77777777-7777-4777-7777-777777777777";

    /// <summary>The one registry in which to create, delete or locate.</summary>
    public static Outcome<RepositoryTarget> One(ArkConfiguration configuration, string? organization, string? host)
    {
        if (organization is null)
        {
            return Bad("no organization is named", "name one of those that `ark org list` shows: --organization NAME");
        }

        if (IsEverybody(organization))
        {
            return Bad($"{Everybody} stands for all organizations and has no repositories of its own", "name the one organization whose repository it is");
        }

        return Find(configuration, organization).Succeeded(out Organization? found, out Problem? problem)
            ? host is null ? First(found) : At(found, host)
            : problem;
    }

    /// <summary>All registries to list, at least one; every organization's where none is named.</summary>
    public static Outcome<IReadOnlyList<RepositoryTarget>> All(ArkConfiguration configuration, string? organization, int? registry)
    {
        if (organization is null || IsEverybody(organization))
        {
            RepositoryTarget[] everybodys = [.. configuration.Organizations.SelectMany(Ecr)];
            if (registry is not null)
            {
                return Bad("a registry's place is one in its organization, and none is named", "name the organization, or leave the place out");
            }

            return everybodys.Length > 0
                ? Outcome.Of<IReadOnlyList<RepositoryTarget>>(everybodys)
                : Bad("the configuration has no ECR registry to list", "bind one to an organization in the configuration; `ark init` proposes a configuration");
        }

        if (!Find(configuration, organization).Succeeded(out Organization? found, out Problem? problem) ||
            !(registry is { } place ? At(found, place) : First(found)).Succeeded(out RepositoryTarget? target, out problem))
        {
            return problem;
        }

        return Outcome.Of<IReadOnlyList<RepositoryTarget>>(registry is null ? [.. Ecr(found)] : [target]);
    }

    /// <summary>Whether one organization's failure must not hide the others' repositories.</summary>
    public static bool IsEverybody(string? organization) => organization is null || organization.Equals(Everybody, StringComparison.OrdinalIgnoreCase);

    private static Outcome<Organization> Find(ArkConfiguration configuration, string organization) => configuration.FindOrganization(organization) is { } found
        ? found
        : Bad($"the configuration has no organization '{organization}'", "`ark org list` shows those that there are");

    private static Outcome<RepositoryTarget> First(Organization organization) => Ecr(organization).FirstOrDefault() is { } first
        ? first
        : Bad(
            $"organization {organization.Name} has no private ECR registry{(organization.Registries.Count > 0 ? $", only {string.Join(", ", organization.Registries.Select(one => one.Type).Distinct())}" : "")}",
            "ark manages repositories of private ECR registries; bind one to the organization in the configuration");

    private static Outcome<RepositoryTarget> At(Organization organization, string host)
    {
        string? canonical = RegistryReference.Parse(Encoding.UTF8.GetBytes(host)) is RegistryParse.Parsed(var reference) ? reference.Host : null;
        return organization.Registries.FirstOrDefault(registry => canonical is not null && registry.Hosts.Contains(canonical)) is { } found
            ? Manageable(organization, found)
            : Bad($"organization {organization.Name} has no registry '{host}'", $"it has {string.Join(", ", organization.Registries.Select(one => one.Hosts[0]))}");
    }

    private static Outcome<RepositoryTarget> At(Organization organization, int place) => place < organization.Registries.Count
        ? Manageable(organization, organization.Registries[place])
        : Bad($"organization {organization.Name} has {organization.Registries.Count} registries, and none at {place}", "ask again: the configuration has changed");

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

    private static Problem Bad(string message, string hint) => new(ProblemKind.BadSetting, message, hint);
}
