using Amazon.Runtime;

namespace Ark.Aws.Ecr;

/// <summary>Asks for a token of the calling principal.</summary>
internal sealed class GetAuthorizationTokenRequest : AmazonWebServiceRequest;

/// <summary>The tokens that AWS issued; without <c>registryIds</c> there is one.</summary>
internal sealed class GetAuthorizationTokenResponse : AmazonWebServiceResponse
{
    public List<AuthorizationData> AuthorizationData { get; set; } = [];
}

/// <summary>One token: base64 of <c>AWS:password</c>, its expiry, and the registry AWS names with it.</summary>
internal sealed class AuthorizationData
{
    public string? AuthorizationToken { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public string? ProxyEndpoint { get; set; }
}
