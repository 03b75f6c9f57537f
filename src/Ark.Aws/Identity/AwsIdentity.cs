using Ark.Aws.Calls;
using Ark.Aws.Credentials;
using Ark.Aws.Profiles;

namespace Ark.Aws.Identity;

/// <summary>Who asks for a token, and by which addresses: everything that a fetch needs, without a call to anybody yet.</summary>
internal sealed record AwsIdentity
{
    /// <summary>For people: <c>profile tbd</c>, and the role of the configuration where there is one.</summary>
    public required string Name { get; init; }

    /// <summary>The same without the role: who asks for it.</summary>
    public required string KeyHolder { get; init; }

    /// <summary>For the cache key: stays the same while sessions come and go, changes when keys or profile are edited.</summary>
    public required string Principal { get; init; }

    public required CredentialProvider Credentials { get; init; }

    public required ServiceEndpoints Endpoints { get; init; }

    /// <summary>The address of ECR where it makes a difference to the token: not AWS's own, or the FIPS one. Otherwise empty.</summary>
    public required string EndpointOverride { get; init; }

    /// <summary>The region whose STS is asked.</summary>
    public required string StsRegion { get; init; }

    /// <summary>A PEM file of roots to trust instead of the platform's, or null.</summary>
    public required string? CaBundle { get; init; }

    /// <summary>The identity's files.</summary>
    public required ProfileFiles Files { get; init; }

    /// <summary>Whether the credentials are keys that came with a request and go with it.</summary>
    public required bool IsCallerSupplied { get; init; }
}
