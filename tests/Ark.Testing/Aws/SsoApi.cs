using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Ark.Testing.Aws;

/// <summary>The single sign-on portal (GetRoleCredentials) and its token service (CreateToken by refresh token). Unsigned.</summary>
internal sealed class SsoApi(IdentityStore identities, TimeProvider clock)
{
    private static readonly TimeSpan RoleLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan PortalLife = TimeSpan.FromHours(8);

    public AwsAnswer Answer(AwsOperation operation, SignedRequest request) => operation.Name switch
    {
        "GetRoleCredentials" => RoleCredentials(request),
        "CreateToken" => CreateToken(request),
        _ => AwsAnswer.Error(operation.Protocol, 404, "UnknownOperationException", ""),
    };

    private AwsAnswer RoleCredentials(SignedRequest request)
    {
        if (identities.FindPortal(request.Header("x-amz-sso_bearer_token") ?? "") is not { } portal)
        {
            return AwsAnswer.Error(AwsProtocol.RestJson, 401, "UnauthorizedException", "Session token not found or invalid");
        }

        var query = QueryHelpers.ParseQuery(new Uri("http://portal" + request.Target).Query);
        var asked = $"::{query["account_id"]}:role/{query["role_name"]}";
        if (portal.RoleArns.FirstOrDefault(arn => arn.EndsWith(asked, StringComparison.Ordinal)) is not { } roleArn)
        {
            return AwsAnswer.Error(AwsProtocol.RestJson, 403, "ForbiddenException", "No access");
        }

        var session = identities.OpenSession(roleArn, "person", RoleLife);
        return AwsAnswer.RestJson(new JsonObject
        {
            ["roleCredentials"] = new JsonObject
            {
                ["accessKeyId"] = session.AccessKeyId,
                ["secretAccessKey"] = session.Secret,
                ["sessionToken"] = session.SessionToken,
                ["expiration"] = session.ExpiresAt!.Value.ToUnixTimeMilliseconds(),
            },
        });
    }

    private AwsAnswer CreateToken(SignedRequest request)
    {
        var body = JsonNode.Parse(request.BodyText)!.AsObject();
        if ((string?)body["grantType"] != "refresh_token")
        {
            return AwsAnswer.Error(AwsProtocol.OAuth, 400, "UnsupportedGrantTypeException", "Unsupported grant type");
        }

        if (identities.FindRefresh((string?)body["refreshToken"] ?? "") is not { } old)
        {
            return AwsAnswer.Error(AwsProtocol.OAuth, 400, "InvalidGrantException", "Invalid refresh token provided");
        }

        var session = old with
        {
            AccessToken = $"aoa{StandInAws.Sentinel}{Guid.NewGuid():N}",
            ExpiresAt = clock.GetUtcNow() + PortalLife,
        };
        identities.Add(session);
        return AwsAnswer.RestJson(new JsonObject
        {
            ["accessToken"] = session.AccessToken,
            ["tokenType"] = "Bearer",
            ["expiresIn"] = (int)PortalLife.TotalSeconds,
            ["refreshToken"] = identities.EndsRefreshTokens ? null : session.RefreshToken,
        });
    }
}
