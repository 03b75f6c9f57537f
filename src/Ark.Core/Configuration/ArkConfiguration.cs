using Ark.Core.Tokens;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>
/// Which organizations answer for which host: immutable, valid as a whole, and as fast with ten thousand organizations as with one.
/// </summary>
public sealed class ArkConfiguration
{
    /// <summary>Twelve hours: the life of an ECR token.</summary>
    internal static readonly TimeSpan DefaultIdleExit = TimeSpan.FromHours(12);

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

    /// <summary>After how long without a request the daemon may leave; zero means never.</summary>
    public TimeSpan IdleExit { get; init; } = DefaultIdleExit;

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
