using Ark.Wire.Registries;

namespace Ark.Core.Sources;

/// <summary>Amazon ECR: a token of GetAuthorizationToken, asked for by one identity.</summary>
public sealed record EcrSource : RegistrySource
{
    public override string Type => Service == EcrService.Ecr ? "ecr" : "ecr-public";

    public override string KnownUsername => "AWS";

    /// <summary>Private registries or the public gallery.</summary>
    public required EcrService Service { get; init; }

    /// <summary>The owner of the registry, twelve digits; null for the public gallery.</summary>
    public string? AccountId { get; init; }

    /// <summary>AWS partition, such as <c>aws</c>.</summary>
    public required string Partition { get; init; }

    /// <summary>AWS region of the API that issues the token.</summary>
    public required string Region { get; init; }

    /// <summary>The address of the API as AWS documents it for this partition, region and variant; scheme and host.</summary>
    public required string DefaultEndpoint { get; init; }

    /// <summary>Whether the registry is a FIPS one: its token must come from the FIPS API and from nowhere else.</summary>
    public bool Fips { get; init; }

    /// <summary>Whether the registry is a dual-stack one, whose API has IPv6 as well.</summary>
    public bool DualStack { get; init; }

    /// <summary>The API address from the configuration (VPC endpoint, test), or null. It beats what the profile or a caller says.</summary>
    public string? Endpoint { get; init; }

    /// <summary>
    /// The profile that asks for a configured host; one that names none has the owner's <c>default</c>. Null for a host that the
    /// configuration does not name, where the caller's own identity decides, and where <see cref="Keys"/> or <see cref="Origin"/> take its
    /// place.
    /// </summary>
    public string? Profile { get; init; }

    /// <summary>Where an access key is kept that asks instead of a profile: its id is the user name. Null for a profile.</summary>
    public SecretReference? Keys { get; init; }

    /// <summary>What this machine has credentials from by itself, which ask instead of a profile. Null for a profile.</summary>
    public CredentialOrigin? Origin { get; init; }

    /// <summary>The role that the profile or the keys assume before they ask, or null.</summary>
    public AssumedRole? Role { get; init; }

    /// <summary>The source that an ECR registry has of itself: its own region's API, and the caller's identity.</summary>
    public static EcrSource Of(EcrHost registry) => new()
    {
        Service = registry.IsPublic ? EcrService.EcrPublic : EcrService.Ecr,
        AccountId = registry.AccountId,
        Partition = registry.Partition.Name,
        Region = registry.Region,
        DefaultEndpoint = registry.ApiEndpoint,
        Fips = registry.Fips,
        DualStack = registry.DualStack,
    };

    /// <summary>A token is its principal's and good for the registries of every account in the region.</summary>
    public override bool SharesTokenWith(RegistrySource other) => other is EcrSource ecr && ecr with { AccountId = AccountId } == this;

    /// <summary>Whether the caller's <c>AWS_*</c> variables count: only where the configuration does not name the host.</summary>
    public bool UsesCallerIdentity => Profile is null && Keys is null && Origin is null;
}

/// <summary>What a machine has credentials from by itself.</summary>
public enum CredentialOrigin
{
    /// <summary>The metadata service of an EC2 instance.</summary>
    Instance,

    /// <summary>The endpoint of an ECS task, of EKS Pod Identity and their like.</summary>
    Container,
}

/// <summary>The two ECR services; their tokens are not interchangeable.</summary>
public enum EcrService
{
    Ecr,
    EcrPublic,
}

/// <summary>A role of the configuration.</summary>
/// <param name="Arn">The role.</param>
/// <param name="ExternalId">What its trust policy asks for besides, or null.</param>
/// <param name="SessionName">The session's name in AWS's logs, or null for ours.</param>
/// <param name="Scope">What the session is limited to, or null for all that the role may.</param>
public sealed record AssumedRole(string Arn, string? ExternalId, string? SessionName, RepositoryScope? Scope);

/// <summary>A limit for a session, so that its token works for one organization's repositories only.</summary>
/// <param name="Rights">To pull, or to push as well.</param>
/// <param name="AccountId">The owner of the registry, twelve digits.</param>
/// <param name="RepositoryPrefix">The repositories below this path; empty for the whole registry.</param>
public sealed record RepositoryScope(ScopeRights Rights, string AccountId, string RepositoryPrefix);

/// <summary>What a limited session may still do.</summary>
public enum ScopeRights
{
    Pull,
    Push,
}
