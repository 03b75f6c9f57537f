using Amazon.Runtime;

namespace Ark.Aws.Ecr;

/// <summary>Deletes a repository; one that holds images only by force.</summary>
internal sealed class DeleteRepositoryRequest : AmazonWebServiceRequest
{
    public string? RegistryId { get; set; }

    public required string RepositoryName { get; set; }

    public bool Force { get; set; }
}

/// <summary>The repository that was.</summary>
internal sealed class DeleteRepositoryResponse : AmazonWebServiceResponse
{
    public Repository? Repository { get; set; }
}
