using Ark.Core.Registries;
using Ark.Core.Tokens;

namespace Ark.Core.Map;

/// <summary>The map file as it was written: every value sound in itself, nothing compared with anything else yet.</summary>
internal sealed record MapEntry(
    MapMode Mode, RefreshEntry Refresh, TimeSpan? IdleExit, Located? DefaultOrganization, IReadOnlyList<OrganizationEntry> Organizations);

internal sealed record OrganizationEntry(Located Name, Located? Id, IReadOnlyList<RegistryEntry> Registries);

internal sealed record RegistryEntry(IReadOnlyList<HostEntry> Hosts, string? RepositoryPrefix, SourceEntry Source, RefreshEntry Refresh);

internal sealed record HostEntry(RegistryReference Reference, Located Written);

internal sealed record SourceEntry
{
    public required bool IsPublic { get; init; }

    public Located? AccountId { get; init; }

    public Located? Region { get; init; }

    public string? Profile { get; init; }

    public string? Endpoint { get; init; }
}

internal sealed record RefreshEntry(double? At, TimeSpan? MinRemaining)
{
    public static RefreshEntry None { get; } = new(null, null);

    /// <summary>What is written here counts, the rest comes from the wider policy.</summary>
    public RefreshPolicy Over(RefreshPolicy wider) => new(At ?? wider.At, MinRemaining ?? wider.MinRemaining);
}
