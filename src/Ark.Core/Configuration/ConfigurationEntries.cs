using Ark.Core.Repositories;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>The configuration as it was written: every value sound in itself, nothing compared with anything else yet.</summary>
internal sealed record ConfigurationEntry
{
    public ServingMode Mode { get; init; }

    public RefreshEntry Refresh { get; init; } = RefreshEntry.None;

    public TimeSpan? IdleExit { get; init; }

    public Located? DefaultOrganization { get; init; }

    public string? FallbackHelper { get; init; }

    public IReadOnlyList<OrganizationEntry> Organizations { get; init; } = [];
}

internal sealed record OrganizationEntry(Located Name, Located? Id, IReadOnlyList<RegistryEntry> Registries);

internal sealed record RegistryEntry(
    IReadOnlyList<HostEntry> Hosts, string RepositoryPrefix, SourceEntry Source, RefreshEntry Refresh, RepositoryDefaults Defaults);

/// <summary>A host, or a pattern of hosts.</summary>
internal sealed record HostEntry(RegistryReference? Reference, HostPattern? Pattern, Located Written)
{
    public string Canonical => Reference?.Host ?? Pattern!.ToString();
}

internal abstract record SourceEntry
{
    /// <summary>One that is the same for every host.</summary>
    public sealed record Fixed(RegistrySource Source) : SourceEntry;

    /// <summary>One that takes account, region and variant from the host where it can.</summary>
    public sealed record Ecr : SourceEntry
    {
        public required bool IsPublic { get; init; }

        public Located? AccountId { get; init; }

        public Located? Region { get; init; }

        public Located? Profile { get; init; }

        public SecretReference? Keys { get; init; }

        public string? Endpoint { get; init; }

        public Located? RoleArn { get; init; }

        public Located? ExternalId { get; init; }

        public Located? SessionName { get; init; }

        /// <summary><c>pull</c> or <c>push</c>; null for no limit.</summary>
        public Located? Scope { get; init; }

        public bool Fips { get; init; }

        public bool DualStack { get; init; }
    }
}

internal sealed record RefreshEntry(double? At, TimeSpan? MinRemaining)
{
    public static RefreshEntry None { get; } = new(null, null);

    /// <summary>What is written here counts, the rest comes from the wider policy.</summary>
    public RefreshPolicy Over(RefreshPolicy wider) => new(At ?? wider.At, MinRemaining ?? wider.MinRemaining);
}
