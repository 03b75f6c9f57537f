using Amazon.Runtime;

namespace Ark.Aws.Ecr;

/// <summary>Asks for one page of a registry's repositories, or for one by its name. There is no filter by prefix.</summary>
internal sealed class DescribeRepositoriesRequest : AmazonWebServiceRequest
{
    public string? RegistryId { get; set; }

    /// <summary>The only one wanted, without size and token of a page, or null.</summary>
    public string? RepositoryName { get; set; }

    public int? MaxResults { get; set; }

    public string? NextToken { get; set; }
}

/// <summary>The page; <see cref="NextToken"/> is null on the last.</summary>
internal sealed class DescribeRepositoriesResponse : AmazonWebServiceResponse
{
    public List<Repository> Repositories { get; set; } = [];

    public string? NextToken { get; set; }
}

/// <summary>A repository, as far as anybody here looks.</summary>
internal sealed class Repository
{
    public string? RepositoryName { get; set; }

    public string? RepositoryUri { get; set; }
}
