using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// Keys of a session that <c>aws login</c> opened. It lasts for hours and its keys for fifteen minutes: they are read from the session's
/// file each time, and renewed there, as AWS's own tools do it, when they are about to end.
/// </summary>
internal sealed class LoginSession(TimeProvider time, AwsFetch fetch, string holder)
{
    // As AWS's tools have it: whoever shares the file finds keys that are good for this long.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    // Keys that end during the call they are for are of no use.
    private static readonly TimeSpan LastMargin = TimeSpan.FromSeconds(30);

    /// <summary>Where the session of that name is, as AWS's tools name its file.</summary>
    public static string FileOf(string session, string directory) =>
        Path.Combine(directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(session))) + ".json");

    public Task<Outcome<AwsKeys>> GetAsync(CredentialProvider.Login login, CancellationToken cancellationToken) =>
        LoginFile.InTurnAsync(login.SessionFile, () => ReadOrRenewAsync(login, cancellationToken), cancellationToken);

    private async Task<Outcome<AwsKeys>> ReadOrRenewAsync(CredentialProvider.Login login, CancellationToken cancellationToken)
    {
        JsonDocument? session;
        try
        {
            session = LoginFile.Read(login.SessionFile);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return LoginRequired(login, "has a session of `aws login` that cannot be read");
        }

        using (session)
        {
            if (session?.RootElement is not { } root)
            {
                return LoginRequired(login, "has no session of `aws login`");
            }

            TimeSpan left = Left(root);
            if (left > Margin && KeysOf(root) is { } keys)
            {
                return keys;
            }

            Outcome<AwsKeys> renewed = await RenewAsync(login, root, cancellationToken);

            // The next call renews again; meanwhile keys that are good are better than none.
            return renewed.Succeeded(out _, out _) || left <= LastMargin || KeysOf(root) is not { } last ? renewed : last;
        }
    }

    private TimeSpan Left(JsonElement session) =>
        session.Member("accessToken")?.Instant("expiresAt") is { } end ? end - time.GetUtcNow() : TimeSpan.Zero;

    private static AwsKeys? KeysOf(JsonElement container) => container.Member("accessToken") is { } keys
        ? AwsKeys.From(keys.Text("accessKeyId"), keys.Secret("secretAccessKey"), keys.Secret("sessionToken"))
        : null;

    private async Task<Outcome<AwsKeys>> RenewAsync(
        CredentialProvider.Login login, JsonElement session, CancellationToken cancellationToken)
    {
        if ((session.Text("refreshToken"), session.Text("clientId"), session.Text("dpopKey")) is not ({ } refresh, { } client, { } key))
        {
            return LoginRequired(login, "has a session of `aws login` that has expired");
        }

        using var secret = new Secret(Encoding.UTF8.GetBytes(refresh));
        using ECDsa? proofKey = ProofKey(key);
        if (proofKey is null)
        {
            return LoginRequired(login, "has a session of `aws login` whose key cannot be read");
        }

        string endpoint = fetch.Endpoints.SigninIn(login.Region ?? fetch.StsRegion);
        Outcome<Renewal> outcome = await fetch.Caller.CallAsync(
            new AwsCall("signin:CreateOAuth2Token", holder),
            endpoint,
            [secret],
            () => AskAsync(login, endpoint + "/v1/token", client, refresh, proofKey, cancellationToken),
            cancellationToken);
        if (!outcome.Succeeded(out Renewal? renewal, out Problem? problem))
        {
            return problem;
        }

        if (renewal.Refusal is { } refusal)
        {
            return refusal;
        }

        using Secret? successor = renewal.RefreshToken;
        if (renewal is not { Keys: { } keys, Seconds: { } seconds })
        {
            renewal.Keys?.Dispose();
            return new Problem(
                ProblemKind.BadAnswer,
                $"{new Uri(endpoint).Authority} answered without keys for the session of profile '{login.Profile}'",
                $"run `aws login --profile {login.Profile}`");
        }

        if (!Save(login.SessionFile, session, keys, time.GetUtcNow().AddSeconds(seconds), successor))
        {
            // A read-only place: the new keys serve this fetch all the same, and the old refresh token is good for another while.
            fetch.Warning = $"the renewed session of profile '{login.Profile}' could not be written to {login.SessionFile}, so that AWS's " +
                "tools, and ark the next time, may have to log in again; let the file and its directory be writable";
        }

        return keys;
    }

    private static bool Save(string path, JsonElement session, AwsKeys keys, DateTimeOffset expiresAt, Secret? refreshToken)
    {
        try
        {
            LoginFile.Write(path, json =>
            {
                json.WriteRest(session, "accessToken", refreshToken is null ? "" : "refreshToken");
                json.WriteStartObject("accessToken");
                json.WriteString("accessKeyId", keys.Id);
                json.WriteString("secretAccessKey", keys.Secret.Bytes);
                json.WriteString("sessionToken", keys.Session is { } token ? token.Bytes : []);
                json.WriteOptional("accountId", session.Member("accessToken")?.Text("accountId"));
                json.WriteInstant("expiresAt", expiresAt);
                json.WriteEndObject();
                json.WriteOptional("refreshToken", refreshToken);
            });
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<Renewal> AskAsync(
        CredentialProvider.Login login,
        string address,
        string client,
        string refresh,
        ECDsa proofKey,
        CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = JsonCall.Request(address, "application/json", json =>
        {
            json.WriteString("clientId", client);
            json.WriteString("refreshToken", refresh);
            json.WriteString("grantType", "refresh_token");
        });
        request.Headers.TryAddWithoutValidation("DPoP", ProofOfPossession.Of(proofKey, address, fetch.Caller.Now));
        try
        {
            return await JsonCall.SendAsync(
                fetch.Http,
                request,
                static answer => new Renewal(KeysOf(answer), answer.Secret("refreshToken"), answer.Life("expiresIn"), Refusal: null),
                cancellationToken);
        }
        catch (AwsRefusal e) when (Refused(login, e.ErrorCode) is { } problem)
        {
            return new Renewal(null, null, null, problem);
        }
    }

    private static Problem? Refused(CredentialProvider.Login login, string code) => code switch
    {
        "TOKEN_EXPIRED" or "AUTHCODE_EXPIRED" => LoginRequired(login, "has a session of `aws login` that has expired"),
        "USER_CREDENTIALS_CHANGED" => LoginRequired(login, "has a session of `aws login` from before its password or keys changed"),
        "INSUFFICIENT_PERMISSIONS" => new Problem(
            ProblemKind.AccessDenied,
            $"AWS does not let the profile '{login.Profile}' renew its session of `aws login`",
            "allow the action signin:CreateOAuth2Token for this principal"),
        _ => null,
    };

    private static ECDsa? ProofKey(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }

    private static Problem LoginRequired(CredentialProvider.Login login, string state) =>
        new(ProblemKind.LoginRequired, $"the profile '{login.Profile}' {state}", $"run `aws login --profile {login.Profile}`");

    /// <summary>What an answer gave, or why there was none that only a person can change.</summary>
    private sealed record Renewal(AwsKeys? Keys, Secret? RefreshToken, int? Seconds, Problem? Refusal);
}

/// <summary>Shows, by RFC 9449, that whoever sends a refresh token also has the key that it was issued for.</summary>
internal static class ProofOfPossession
{
    /// <param name="key">The key, on the curve P-256.</param>
    /// <param name="address">Where the token is sent, by POST.</param>
    /// <param name="now">The receiver's time.</param>
    public static string Of(ECDsa key, string address, DateTimeOffset now)
    {
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        string header = Part(json =>
        {
            json.WriteString("typ", "dpop+jwt");
            json.WriteString("alg", "ES256");
            json.WriteStartObject("jwk");
            json.WriteString("kty", "EC");
            json.WriteString("x", Base64Url.EncodeToString(point.X));
            json.WriteString("y", Base64Url.EncodeToString(point.Y));
            json.WriteString("crv", "P-256");
            json.WriteEndObject();
        });
        string claims = Part(json =>
        {
            json.WriteString("htm", "POST");
            json.WriteString("htu", address);
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WriteString("jti", Guid.NewGuid().ToString());
        });
        byte[] signature = key.SignData(
            Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Part(Action<Utf8JsonWriter> write)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Base64Url.EncodeToString(text.WrittenSpan);
    }
}
