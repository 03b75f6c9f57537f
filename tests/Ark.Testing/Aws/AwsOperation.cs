using Microsoft.AspNetCore.WebUtilities;

namespace Ark.Testing.Aws;

/// <summary>How an AWS service puts requests, answers and errors into HTTP.</summary>
internal enum AwsProtocol
{
    Json11,
    Query,
    RestJson,
    OAuth,
    SignIn,
}

/// <summary>What a request asks for.</summary>
/// <param name="Name">AWS's name of the operation.</param>
/// <param name="Protocol">How to answer.</param>
/// <param name="Service">What the signature must be scoped to; null for calls that are not signed.</param>
internal sealed record AwsOperation(string Name, AwsProtocol Protocol, string? Service)
{
    private const string Ecr = "AmazonEC2ContainerRegistry_V20150921.";
    private const string EcrPublic = "SpencerFrontendService.";

    /// <summary>Null when no service that the stand-in plays would know it.</summary>
    public static AwsOperation? Of(SignedRequest request) => (request.Method, request.Path, request.Header("X-Amz-Target")) switch
    {
        ("POST", "/", { } target) when target.StartsWith(Ecr, StringComparison.Ordinal) =>
            new AwsOperation(target[Ecr.Length..], AwsProtocol.Json11, "ecr"),
        ("POST", "/", { } target) when target.StartsWith(EcrPublic, StringComparison.Ordinal) =>
            new AwsOperation(target[EcrPublic.Length..], AwsProtocol.Json11, "ecr-public"),
        ("POST", "/", null) => Sts(request),
        ("GET", "/federation/credentials", null) => new AwsOperation("GetRoleCredentials", AwsProtocol.RestJson, null),
        ("POST", "/token", null) => new AwsOperation("CreateToken", AwsProtocol.OAuth, null),
        ("POST", "/client/register", null) => new AwsOperation("RegisterClient", AwsProtocol.OAuth, null),
        ("POST", "/device_authorization", null) => new AwsOperation("StartDeviceAuthorization", AwsProtocol.OAuth, null),
        ("POST", "/v1/token", null) => new AwsOperation("CreateOAuth2Token", AwsProtocol.SignIn, null),
        _ => null,
    };

    private static AwsOperation? Sts(SignedRequest request) => QueryHelpers.ParseQuery(request.BodyText)["Action"].ToString() switch
    {
        "" => null,
        "AssumeRoleWithWebIdentity" => new AwsOperation("AssumeRoleWithWebIdentity", AwsProtocol.Query, null),
        var action => new AwsOperation(action, AwsProtocol.Query, "sts"),
    };
}
