using Amazon.Runtime;

namespace Ark.Aws.Ecr;

/// <summary>Says who may use a repository; replaces what was said before.</summary>
internal sealed class SetRepositoryPolicyRequest : AmazonWebServiceRequest
{
    public string? RegistryId { get; set; }

    public required string RepositoryName { get; set; }

    public required string PolicyText { get; set; }
}

/// <summary>The policy is in force.</summary>
internal sealed class SetRepositoryPolicyResponse : AmazonWebServiceResponse;
