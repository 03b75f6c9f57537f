using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Messages;
using Ark.Wire.Registries;

namespace Ark.Daemon.Handlers;

/// <summary>
/// A registry in which an organization's repositories are, or would be. Only private registries of ECR have any that are ours to manage.
/// </summary>
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

    /// <summary>The registry that a request is for: by one of its hosts, by its place, else the organization's first of ECR.</summary>
    public static Outcome<RepositoryTarget> Find(ArkConfiguration configuration, RepositoryRequest request)
    {
        if (configuration.FindOrganization(request.Organization) is not { } organization)
        {
            return Bad($"the configuration has no organization '{request.Organization}'", "`ark org list` shows those that there are");
        }

        return request switch
        {
            { Host: { } host } => At(organization, host),
            { Registry: { } place } => At(organization, place),
            _ => First(organization),
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

    private static Problem Bad(string message, string hint) => new(ProblemKind.BadSetting, message, hint);
}
