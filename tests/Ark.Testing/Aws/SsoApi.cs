using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Ark.Testing.Aws;

/// <summary>
/// The single sign-on portal (GetRoleCredentials) and its token service: CreateToken by refresh token, and the device flow, whose person
/// in front of a browser is the test. Unsigned.
/// </summary>
internal sealed class SsoApi(IdentityStore identities, TimeProvider clock)
{
    private static readonly TimeSpan RoleLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan PortalLife = TimeSpan.FromHours(8);
    private const string ClientSecret = $"{StandInAws.Sentinel}-client-secret";

    private readonly ConcurrentDictionary<string, Device> _devices = new(StringComparer.Ordinal);

    /// <summary>The codes that wait for their person.</summary>
    public IReadOnlyCollection<string> UserCodes => [.. _devices.Values.Select(device => device.UserCode)];

    /// <summary>What clients asked to be allowed, the last registration.</summary>
    public IReadOnlyList<string> Scopes { get; private set; } = [];

    /// <summary>The person confirms a code, or denies it.</summary>
    public void Decide(string userCode, bool confirmed, params string[] roleArns)
    {
        Device device = _devices.Values.Single(each => each.UserCode == userCode);
        _devices[device.Code] = device with { Confirmed = confirmed, RoleArns = roleArns };
    }

    public AwsAnswer Answer(AwsOperation operation, SignedRequest request) => operation.Name switch
    {
        "GetRoleCredentials" => RoleCredentials(request),
        "CreateToken" => CreateToken(request),
        "RegisterClient" => Register(request),
        "StartDeviceAuthorization" => StartDevice(request),
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
        if ((string?)body["grantType"] == "urn:ietf:params:oauth:grant-type:device_code")
        {
            return CreateTokenByDevice(body);
        }

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
        return Opened(session);
    }

    private AwsAnswer Register(SignedRequest request)
    {
        var body = JsonNode.Parse(request.BodyText)!.AsObject();
        Scopes = [.. (body["scopes"]?.AsArray() ?? []).Select(scope => (string)scope!)];
        return (string?)body["clientType"] != "public" || string.IsNullOrEmpty((string?)body["clientName"])
            ? AwsAnswer.Error(AwsProtocol.OAuth, 400, "InvalidClientMetadataException", "Invalid client")
            : AwsAnswer.RestJson(new JsonObject
            {
                ["clientId"] = "device-client",
                ["clientSecret"] = ClientSecret,
                ["clientIdIssuedAt"] = clock.GetUtcNow().ToUnixTimeSeconds(),
                ["clientSecretExpiresAt"] = clock.GetUtcNow().AddDays(90).ToUnixTimeSeconds(),
            });
    }

    private AwsAnswer StartDevice(SignedRequest request)
    {
        var body = JsonNode.Parse(request.BodyText)!.AsObject();
        if ((string?)body["clientSecret"] != ClientSecret || !Uri.TryCreate((string?)body["startUrl"], UriKind.Absolute, out Uri? portal))
        {
            return AwsAnswer.Error(AwsProtocol.OAuth, 400, "InvalidRequestException", "Invalid start URL provided");
        }

        var device = new Device($"{StandInAws.Sentinel}{Guid.NewGuid():N}", RandomNumberGenerator.GetString("BCDFGHJKLMNPQRSTVWXZ", 8));
        _devices[device.Code] = device;
        return AwsAnswer.RestJson(new JsonObject
        {
            ["deviceCode"] = device.Code,
            ["userCode"] = device.UserCode,
            ["verificationUri"] = new Uri(portal, "/device").ToString(),
            ["verificationUriComplete"] = new Uri(portal, $"/device?user_code={device.UserCode}").ToString(),
            ["expiresIn"] = 600,
            ["interval"] = 1,
        });
    }

    private AwsAnswer CreateTokenByDevice(JsonObject body)
    {
        if ((string?)body["clientSecret"] != ClientSecret || !_devices.TryGetValue((string?)body["deviceCode"] ?? "", out Device? device))
        {
            return AwsAnswer.Error(AwsProtocol.OAuth, 400, "InvalidGrantException", "Invalid device code provided");
        }

        return device.Confirmed switch
        {
            null => AwsAnswer.Error(AwsProtocol.OAuth, 400, "AuthorizationPendingException", ""),
            false => AwsAnswer.Error(AwsProtocol.OAuth, 400, "AccessDeniedException", ""),
            true => Opened(new SsoSession(
                $"aoa{StandInAws.Sentinel}{Guid.NewGuid():N}",
                Scopes.Count > 0 ? $"aor{StandInAws.Sentinel}{Guid.NewGuid():N}" : null,
                clock.GetUtcNow() + PortalLife,
                device.RoleArns)),
        };
    }

    private AwsAnswer Opened(SsoSession session)
    {
        identities.Add(session);
        return AwsAnswer.RestJson(new JsonObject
        {
            ["accessToken"] = session.AccessToken,
            ["tokenType"] = "Bearer",
            ["expiresIn"] = (int)PortalLife.TotalSeconds,
            ["refreshToken"] = identities.EndsRefreshTokens ? null : session.RefreshToken,
        });
    }

    /// <summary>A device that asks to be signed in; null until the person has decided.</summary>
    private sealed record Device(string Code, string UserCode, bool? Confirmed = null, params IReadOnlyList<string> RoleArns);
}
