using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Ark.Testing.Aws;

/// <summary>
/// The sign-in service's CreateOAuth2Token by refresh token, which renews a session of <c>aws login</c>. Unsigned, but whoever asks must
/// prove with each request that they have the key that the session was opened with.
/// </summary>
internal sealed class SigninApi(IdentityStore identities, TimeProvider clock)
{
    private static readonly TimeSpan KeyLife = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _proofs = new(StringComparer.Ordinal);

    public void Open(string refreshToken, ECDsa key, string roleArn) =>
        _sessions[refreshToken] = new Session(key.ExportParameters(includePrivateParameters: false), roleArn);

    public AwsAnswer Answer(SignedRequest request)
    {
        JsonObject body = JsonNode.Parse(request.BodyText)!.AsObject();
        if ((string?)body["grantType"] != "refresh_token" || (string?)body["clientId"] is not { Length: > 0 } ||
            !_sessions.TryGetValue((string?)body["refreshToken"] ?? "", out Session? session))
        {
            return Refuse(401, "TOKEN_EXPIRED");
        }

        var address = $"http://{request.Header("Host")}{request.Target}";
        if (!Proves(request.Header("DPoP") ?? "", session.Key, address))
        {
            return AwsAnswer.Error(AwsProtocol.SignIn, 400, "INVALID_REQUEST", "The proof of possession is not valid");
        }

        Principal keys = identities.OpenSession(session.RoleArn, "person", KeyLife);
        var successor = $"{StandInAws.Sentinel}{Guid.NewGuid():N}";
        _sessions[successor] = session;
        return AwsAnswer.RestJson(new JsonObject
        {
            ["accessToken"] = new JsonObject
            {
                ["accessKeyId"] = keys.AccessKeyId,
                ["secretAccessKey"] = keys.Secret,
                ["sessionToken"] = keys.SessionToken,
            },
            ["tokenType"] = "aws_sigv4",
            ["expiresIn"] = (int)KeyLife.TotalSeconds,
            ["refreshToken"] = successor,
        });
    }

    private static AwsAnswer Refuse(int status, string code) => AwsAnswer.Error(AwsProtocol.SignIn, status, code, "");

    /// <summary>As RFC 9449 has it: the right kind, this request, now, not seen before, and signed with the session's key.</summary>
    private bool Proves(string proof, ECParameters owner, string address)
    {
        if (proof.Split('.') is not [var head, var claims, var signature])
        {
            return false;
        }

        JsonNode header = Decode(head);
        JsonNode claim = Decode(claims);
        var point = new ECPoint { X = Bytes(header["jwk"]!["x"]), Y = Bytes(header["jwk"]!["y"]) };
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        TimeSpan age = clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds((long)claim["iat"]!);
        return (string?)header["typ"] == "dpop+jwt" && (string?)header["alg"] == "ES256" && (string?)header["jwk"]!["kty"] == "EC" &&
            (string?)header["jwk"]!["crv"] == "P-256" && (string?)claim["htm"] == "POST" && (string?)claim["htu"] == address &&
            age.Duration() <= ClockTolerance && _proofs.TryAdd((string)claim["jti"]!, true) &&
            point.X.AsSpan().SequenceEqual(owner.Q.X) && point.Y.AsSpan().SequenceEqual(owner.Q.Y) &&
            key.VerifyData(Encoding.ASCII.GetBytes($"{head}.{claims}"), WebEncoders.Base64UrlDecode(signature), HashAlgorithmName.SHA256);
    }

    private static JsonNode Decode(string part) => JsonNode.Parse(WebEncoders.Base64UrlDecode(part))!;

    private static byte[] Bytes(JsonNode? text) => WebEncoders.Base64UrlDecode((string)text!);

    private sealed record Session(ECParameters Key, string RoleArn);
}
