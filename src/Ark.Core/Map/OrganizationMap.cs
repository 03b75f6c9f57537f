using Ark.Core.Resolving;
using Ark.Core.Tokens;

namespace Ark.Core.Map;

/// <summary>
/// Which organisation answers for which host: immutable, valid as a whole, and as fast with ten thousand organisations as with one.
/// </summary>
public sealed class OrganizationMap
{
    /// <summary>Twelve hours: the life of an ECR token.</summary>
    internal static readonly TimeSpan DefaultIdleExit = TimeSpan.FromHours(12);

    private readonly Dictionary<string, Binding> _bindings;
    private readonly HashSet<string> _organizations;

    internal OrganizationMap(MapMode mode, RefreshPolicy refresh, TimeSpan idleExit, HashSet<string> organizations, Dictionary<string, Binding> bindings)
    {
        Mode = mode;
        Refresh = refresh;
        IdleExit = idleExit;
        _organizations = organizations;
        _bindings = bindings;
    }

    /// <summary>No map file: every ECR host is served as the caller.</summary>
    public static OrganizationMap Empty { get; } = new(MapMode.Auto, RefreshPolicy.Default, DefaultIdleExit, [], []);

    public MapMode Mode { get; }

    /// <summary>The refresh rules of hosts that the map does not name.</summary>
    public RefreshPolicy Refresh { get; }

    /// <summary>After how long without a request the daemon may leave; zero means never.</summary>
    public TimeSpan IdleExit { get; }

    /// <summary>
    /// The credential helper to which everything goes that is not ours, by the part after <c>docker-credential-</c> or the absolute path
    /// of the program; null where there is none.
    /// </summary>
    public string? Chain { get; init; }

    /// <summary>The canonical hosts that are mapped, in the order of the file.</summary>
    public IReadOnlyCollection<string> Hosts => _bindings.Keys;

    /// <summary>The organisations' names.</summary>
    public IReadOnlyCollection<string> Organizations => _organizations;

    /// <summary>The binding of a canonical host, compared whole and byte for byte, or null.</summary>
    public Binding? Find(string host) => _bindings.GetValueOrDefault(host);

    /// <summary>Whether the map has an organisation of exactly this name.</summary>
    public bool HasOrganization(string name) => _organizations.Contains(name);
}

/// <summary>What happens to ECR hosts that the map does not name.</summary>
public enum MapMode
{
    /// <summary>They are served as the caller.</summary>
    Auto,

    /// <summary>They are not ours.</summary>
    MappedOnly,
}
