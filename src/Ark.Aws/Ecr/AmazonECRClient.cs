using Ark.Aws.Calls;

namespace Ark.Aws.Ecr;

/// <summary>
/// Amazon ECR, under the names that AWSSDK.ECR uses, so that the package can take this folder's place (decision 0012). Only members that
/// somebody here uses are written and read.
/// </summary>
internal sealed class AmazonECRClient(AwsFetch fetch, AwsKeys keys, string region) : JsonService(fetch, keys, region, "ecr")
{
    private const string Service = "AmazonEC2ContainerRegistry_V20150921.";

    // RegistryIds is deprecated by AWS: the token is the principal's, whatever registries one names.
    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(CancellationToken cancellationToken) => InvokeAsync(
        Service + "GetAuthorizationToken",
        static _ => { },
        static answer => new GetAuthorizationTokenResponse
        {
            AuthorizationData = answer.RequiredList("authorizationData", AuthorizationData.Read),
        },
        cancellationToken);

    public Task<DescribeRepositoriesResponse> DescribeRepositoriesAsync(
        DescribeRepositoriesRequest request, CancellationToken cancellationToken) => InvokeAsync(
            Service + "DescribeRepositories",
            json =>
            {
                json.WriteOptional("registryId", request.RegistryId);
                if (request.RepositoryName is { } only)
                {
                    json.WriteStartArray("repositoryNames");
                    json.WriteStringValue(only);
                    json.WriteEndArray();
                }

                json.WriteOptional("nextToken", request.NextToken);
                if (request.MaxResults is { } most)
                {
                    json.WriteNumber("maxResults", most);
                }
            },
            static answer => new DescribeRepositoriesResponse
            {
                Repositories = answer.RequiredList("repositories", Repository.Read),
                NextToken = answer.Text("nextToken"),
            },
            cancellationToken);

    public Task<CreateRepositoryResponse> CreateRepositoryAsync(CreateRepositoryRequest request, CancellationToken cancellationToken) =>
        InvokeAsync(
            Service + "CreateRepository",
            request.Write,
            static answer => new CreateRepositoryResponse { Repository = Repository.Read(answer.GetProperty("repository")) },
            cancellationToken);

    public Task<DeleteRepositoryResponse> DeleteRepositoryAsync(DeleteRepositoryRequest request, CancellationToken cancellationToken) =>
        InvokeAsync(
            Service + "DeleteRepository",
            json =>
            {
                json.WriteOptional("registryId", request.RegistryId);
                json.WriteString("repositoryName", request.RepositoryName);
                json.WriteBoolean("force", request.Force);
            },
            static answer => new DeleteRepositoryResponse { Repository = Repository.Read(answer.GetProperty("repository")) },
            cancellationToken);

    public Task<PutLifecyclePolicyResponse> PutLifecyclePolicyAsync(
        PutLifecyclePolicyRequest request, CancellationToken cancellationToken) => InvokeAsync(
            Service + "PutLifecyclePolicy",
            json =>
            {
                json.WriteOptional("registryId", request.RegistryId);
                json.WriteString("repositoryName", request.RepositoryName);
                json.WriteString("lifecyclePolicyText", request.LifecyclePolicyText);
            },
            static answer => new PutLifecyclePolicyResponse { RepositoryName = Repository.Read(answer).RepositoryName },
            cancellationToken);

    public Task<SetRepositoryPolicyResponse> SetRepositoryPolicyAsync(
        SetRepositoryPolicyRequest request, CancellationToken cancellationToken) => InvokeAsync(
            Service + "SetRepositoryPolicy",
            json =>
            {
                json.WriteOptional("registryId", request.RegistryId);
                json.WriteString("repositoryName", request.RepositoryName);
                json.WriteString("policyText", request.PolicyText);
            },
            static answer => new SetRepositoryPolicyResponse { RepositoryName = Repository.Read(answer).RepositoryName },
            cancellationToken);
}

/// <summary>The public gallery, under the names that AWSSDK.ECRPublic uses. Only us-east-1 issues tokens.</summary>
internal sealed class AmazonECRPublicClient(AwsFetch fetch, AwsKeys keys, string region) : JsonService(fetch, keys, region, "ecr-public")
{
    /// <summary>An answer with the one token: an object here, where the private service answers with a list.</summary>
    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(CancellationToken cancellationToken) => InvokeAsync(
        "SpencerFrontendService.GetAuthorizationToken",
        static _ => { },
        static answer => new GetAuthorizationTokenResponse
        {
            AuthorizationData = [AuthorizationData.Read(answer.GetProperty("authorizationData"))],
        },
        cancellationToken);
}
