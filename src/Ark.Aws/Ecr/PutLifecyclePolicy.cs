using Amazon.Runtime;

namespace Ark.Aws.Ecr;

/// <summary>Says which images expire; replaces what was said before.</summary>
internal sealed class PutLifecyclePolicyRequest : AmazonWebServiceRequest
{
    public string? RegistryId { get; set; }

    public required string RepositoryName { get; set; }

    public required string LifecyclePolicyText { get; set; }
}

/// <summary>The policy is in force.</summary>
internal sealed class PutLifecyclePolicyResponse : AmazonWebServiceResponse;
