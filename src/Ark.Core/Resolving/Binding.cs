using Ark.Core.Registries;
using Ark.Core.Tokens;

namespace Ark.Core.Resolving;

/// <summary>The resolver's answer for a host of ours: which organisation, which source, which refresh rules.</summary>
/// <param name="Host">The canonical host that was asked for.</param>
/// <param name="Organization">The organisation's name, or null when the host is served without a map entry.</param>
/// <param name="Source">Where its token comes from.</param>
/// <param name="Refresh">Its refresh rules.</param>
public sealed record Binding(string Host, string? Organization, EcrSource Source, RefreshPolicy Refresh);

/// <summary>An ECR registry as a token source: pure data, no behaviour.</summary>
public sealed record EcrSource
{
    /// <summary>Private registries or the public gallery.</summary>
    public required EcrService Service { get; init; }

    /// <summary>AWS partition, such as <c>aws</c>.</summary>
    public required string Partition { get; init; }

    /// <summary>AWS region of the API that issues the token.</summary>
    public required string Region { get; init; }

    /// <summary>The address of the API as AWS documents it for this partition, region and variant; scheme and host.</summary>
    public required string DefaultEndpoint { get; init; }

    /// <summary>Whether the host is a FIPS one: its token must come from the FIPS API, and none from elsewhere may stand in for it.</summary>
    public bool Fips { get; init; }

    /// <summary>The API address from the map (VPC endpoint, test), or null. Beats every address that the profile or a caller gives.</summary>
    public string? Endpoint { get; init; }

    /// <summary>
    /// The profile that asks for a mapped host; one that names none has the owner's <c>default</c>. Null for a host that the map
    /// does not name: then the caller's own identity decides, and only then do the caller's <c>AWS_*</c> count.
    /// </summary>
    public string? Profile { get; init; }

    /// <summary>The source that an ECR registry has of itself: its own region's API, and the caller's identity.</summary>
    public static EcrSource Of(EcrHost registry) => new()
    {
        Service = registry.IsPublic ? EcrService.EcrPublic : EcrService.Ecr,
        Partition = registry.Partition.Name,
        Region = registry.Region,
        DefaultEndpoint = registry.ApiEndpoint,
        Fips = registry.Fips,
    };

    /// <summary>Whether the caller's <c>AWS_*</c> variables may influence this request: only where the map does not name the host.</summary>
    public bool UsesCallerIdentity => Profile is null;
}

/// <summary>The two ECR services; their tokens are not interchangeable.</summary>
public enum EcrService
{
    Ecr,
    EcrPublic,
}
