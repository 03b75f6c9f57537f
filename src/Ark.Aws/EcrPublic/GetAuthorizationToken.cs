using Amazon.Runtime;

namespace Ark.Aws.EcrPublic;

/// <summary>Asks for a token of the calling principal.</summary>
internal sealed class GetAuthorizationTokenRequest : AmazonWebServiceRequest;

/// <summary>The one token that the gallery issues: an object here, where the private service answers with a list.</summary>
internal sealed class GetAuthorizationTokenResponse : AmazonWebServiceResponse
{
    public AuthorizationData? AuthorizationData { get; set; }
}

/// <summary>One token: base64 of <c>AWS:password</c>, and its expiry.</summary>
internal sealed class AuthorizationData
{
    public string? AuthorizationToken { get; set; }

    public DateTime? ExpiresAt { get; set; }
}
