using System.Text.Json;
using Amazon.Runtime;
using Ark.Aws.Sdk;

namespace Ark.Aws.EcrPublic;

/// <summary>The public gallery, under the names that AWSSDK.ECRPublic uses. Only us-east-1 issues tokens.</summary>
internal sealed class AmazonECRPublicClient(AWSCredentials credentials, AmazonECRPublicConfig config, SdkSettings settings)
    : JsonServiceClient(credentials, config, settings)
{
    private static readonly JsonOperation<GetAuthorizationTokenRequest, GetAuthorizationTokenResponse> GetAuthorizationToken = new(
        "SpencerFrontendService.GetAuthorizationToken",
        static (_, _) => { },
        static answer =>
            new GetAuthorizationTokenResponse { AuthorizationData = ReadAuthorizationData(answer.GetProperty("authorizationData")) });

    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(
        GetAuthorizationTokenRequest request, CancellationToken cancellationToken = default) =>
        InvokeAsync(GetAuthorizationToken, request, cancellationToken);

    private static AuthorizationData ReadAuthorizationData(JsonElement data) => new()
    {
        AuthorizationToken = data.OptionalString("authorizationToken"),
        ExpiresAt = data.OptionalInstant("expiresAt"),
    };
}
