using Amazon.Runtime;
using Ark.Aws.Sdk;

namespace Ark.Aws.Ecr;

/// <summary>
/// Amazon ECR, under the names that AWSSDK.ECR uses, so that the package can take this folder's place.
/// Failures are <see cref="AmazonServiceException"/>s with AWS's code, as with every client of the SDK.
/// </summary>
internal sealed class AmazonECRClient(AWSCredentials credentials, AmazonECRConfig config, SdkSettings settings)
    : JsonServiceClient(credentials, config, settings)
{
    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(
        GetAuthorizationTokenRequest request, CancellationToken cancellationToken = default) =>
        InvokeAsync(EcrOperations.GetAuthorizationToken, request, cancellationToken);

    public Task<DescribeRepositoriesResponse> DescribeRepositoriesAsync(
        DescribeRepositoriesRequest request, CancellationToken cancellationToken = default) =>
        InvokeAsync(EcrOperations.DescribeRepositories, request, cancellationToken);

    public Task<CreateRepositoryResponse> CreateRepositoryAsync(
        CreateRepositoryRequest request, CancellationToken cancellationToken = default) =>
        InvokeAsync(EcrOperations.CreateRepository, request, cancellationToken);

    public Task<DeleteRepositoryResponse> DeleteRepositoryAsync(
        DeleteRepositoryRequest request, CancellationToken cancellationToken = default) =>
        InvokeAsync(EcrOperations.DeleteRepository, request, cancellationToken);

    public Task<PutLifecyclePolicyResponse> PutLifecyclePolicyAsync(
        PutLifecyclePolicyRequest request, CancellationToken cancellationToken = default) =>
        InvokeAsync(EcrOperations.PutLifecyclePolicy, request, cancellationToken);

    public Task<SetRepositoryPolicyResponse> SetRepositoryPolicyAsync(
        SetRepositoryPolicyRequest request, CancellationToken cancellationToken = default) =>
        InvokeAsync(EcrOperations.SetRepositoryPolicy, request, cancellationToken);
}
