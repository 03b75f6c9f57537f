using System.Text.Json;
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
    // RegistryIds is deprecated by AWS: the token is the principal's, whatever registries one names.
    private static readonly JsonOperation<GetAuthorizationTokenRequest, GetAuthorizationTokenResponse> GetAuthorizationToken = new(
        "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
        static (_, _) => { },
        static answer => new GetAuthorizationTokenResponse
        {
            AuthorizationData = [.. answer.GetProperty("authorizationData").EnumerateArray().Select(ReadAuthorizationData)],
        });

    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(
        GetAuthorizationTokenRequest request, CancellationToken cancellationToken = default) =>
        InvokeAsync(GetAuthorizationToken, request, cancellationToken);

    private static AuthorizationData ReadAuthorizationData(JsonElement data) => new()
    {
        AuthorizationToken = data.OptionalString("authorizationToken"),
        ExpiresAt = data.OptionalInstant("expiresAt"),
        ProxyEndpoint = data.OptionalString("proxyEndpoint"),
    };
}
