using Ark.Core.Repositories;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>
/// Which organizations answer for which host: immutable, valid as a whole, and as fast with ten thousand organizations as with one.
/// </summary>
public sealed class ArkConfiguration
{
    /// <summary>Twelve hours: the life of an ECR token.</summary>
    internal const string DefaultIdleExit = "PT12H";

    private readonly HostTable _hosts;
    private readonly Dictionary<string, Organization> _byName;
    private readonly Dictionary<string, Organization> _byId = new(StringComparer.OrdinalIgnoreCase);

    internal ArkConfiguration(HostTable hosts, IReadOnlyList<Organization> organizations)
    {
        _hosts = hosts;
        Organizations = organizations;
        _byName = new(organizations.Count, StringComparer.Ordinal);
        foreach (Organization organization in organizations)
        {
            _byName.TryAdd(organization.Name, organization);
            if (organization.Id is { } id)
            {
                _byId.TryAdd(id, organization);
            }
        }
    }

    /// <summary>No configuration: every ECR host is served as the caller.</summary>
    public static ArkConfiguration Empty { get; } = new(new HostTable(), []);

    public ServingMode Mode { get; init; }

    /// <summary>The refresh rules of hosts that the configuration does not name.</summary>
    public RefreshPolicy Refresh { get; init; } = RefreshPolicy.Default;

    /// <summary>How other machines are reached; null where the daemon's own environment says it.</summary>
    public ProxySettings? Proxy { get; init; }

    /// <summary>After how long without a request the daemon stops; zero means never.</summary>
    public TimeSpan IdleExit { get; init; } = IsoDuration.Parse(DefaultIdleExit)!.Value;

    /// <summary>The name of the organization that answers where several could and nothing else decides, or null.</summary>
    public string? DefaultOrganization { get; init; }

    /// <summary>
    /// The credential helper that keeps what is not ours, where docker has ark as its credsStore: the part after
    /// <c>docker-credential-</c> or an absolute path. Null for none.
    /// </summary>
    public string? FallbackHelper { get; init; }

    /// <summary>The canonical hosts that are named in full, in the order of the file.</summary>
    public IReadOnlyCollection<string> Hosts => _hosts.Hosts;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Organization> Organizations { get; }

    /// <summary>The organization of exactly this name, or of this id in any case; null for none.</summary>
    public Organization? FindOrganization(string nameOrId) => _byName.GetValueOrDefault(nameOrId) ?? _byId.GetValueOrDefault(nameOrId);

    /// <summary>The names of the organizations that may answer for a registry, in the order of the file.</summary>
    public IReadOnlyList<string> OrganizationsAt(RegistryReference registry) =>
        Find(registry) is { } candidates ? [.. candidates.All.Select(candidate => candidate.Organization).Distinct()] : [];

    /// <summary>Who may answer for a registry, whose host is compared whole and byte for byte; null for nobody.</summary>
    internal HostCandidates? Find(RegistryReference registry) => _hosts.Find(registry);
}

/// <summary>What happens to ECR hosts that the configuration does not name.</summary>
public enum ServingMode
{
    /// <summary>They are served as the caller.</summary>
    Auto,

    /// <summary>They are not ours.</summary>
    MappedOnly,
}

/// <summary>One organization of the configuration, as it was written.</summary>
/// <param name="Name">Lower-case letters, digits and hyphens.</param>
/// <param name="Id">A GUID in lower case, or null.</param>
/// <param name="Registries">In the order of the file.</param>
public sealed record Organization(string Name, string? Id, IReadOnlyList<Registry> Registries);

/// <summary>Where an organization's repositories are: one registry, by whatever names.</summary>
/// <param name="Hosts">The canonical hosts and patterns, in the order of the file; people are shown the first.</param>
/// <param name="RepositoryPrefix">The path below which the repositories are; empty for the whole registry.</param>
/// <param name="Source">Where the credentials of the first host come from; null where there are only patterns.</param>
/// <param name="Refresh">When they are renewed.</param>
/// <param name="Defaults">What its new repositories are like.</param>
public sealed record Registry(
    IReadOnlyList<string> Hosts, string RepositoryPrefix, RegistrySource? Source, RefreshPolicy Refresh, RepositoryDefaults Defaults)
{
    /// <summary>The kind of its source; hosts that are only known by pattern are ECR's.</summary>
    public string Type => Source?.Type ?? "ecr";
}
