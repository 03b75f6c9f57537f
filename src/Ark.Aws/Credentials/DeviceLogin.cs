using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// Signs a person in to IAM Identity Center by the device flow of OAuth (RFC 8628): they confirm a short code in a browser, on whichever
/// machine. The login goes to the file in which AWS's own tools keep theirs, so that they are signed in too.
/// </summary>
internal static class DeviceLogin
{
    private const string GrantType = "urn:ietf:params:oauth:grant-type:device_code";
    private const string Pending = "authorization_pending", SlowDown = "slow_down", Denied = "access_denied", Expired = "expired_token";
    private const int UsualInterval = 5;
    private const int LongestInterval = 60;
    private const int SlowerBy = 5;

    /// <summary>AWS's pages wait for ten minutes. An answer that promises more is believed that far.</summary>
    private const int LongestLife = 3600;

    /// <summary>Registers a client and has a code shown.</summary>
    public static async Task<Outcome<DeviceAttempt>> BeginAsync(
        CredentialProvider.Sso sso, AwsFetch fetch, TimeProvider time, CancellationToken cancellationToken)
    {
        SsoTokenService service = ServiceOf(sso, fetch);
        Outcome<Client> registered = await service.CallAsync(
            "RegisterClient",
            "/client/register",
            [],
            json =>
            {
                json.WriteString("clientName", "ark");
                json.WriteString("clientType", "public");
                if (sso.Scopes.Count > 0)
                {
                    json.WriteStartArray("scopes");
                    foreach (string scope in sso.Scopes)
                    {
                        json.WriteStringValue(scope);
                    }

                    json.WriteEndArray();
                }
            },
            static answer => new Client(answer.Text("clientId"), answer.Secret("clientSecret"), answer.Seconds("clientSecretExpiresAt")),
            cancellationToken);
        if (!registered.Succeeded(out Client? client, out Problem? problem))
        {
            return problem;
        }

        if (client is not { Id: { } id, Secret: { } secret })
        {
            client.Secret?.Dispose();
            return Foreign(service);
        }

        Outcome<Shown> begun = await service.CallAsync(
            "StartDeviceAuthorization",
            "/device_authorization",
            [secret],
            json =>
            {
                json.WriteString("clientId", id);
                json.WriteString("clientSecret", secret.Bytes);
                json.WriteString("startUrl", sso.StartUrl);
            },
            static answer => new Shown(
                answer.Secret("deviceCode"),
                answer.Text("userCode"),
                answer.Text("verificationUriComplete") ?? answer.Text("verificationUri"),
                Math.Min(answer.Life("expiresIn") ?? 0, LongestLife),
                Math.Min(answer.Life("interval") ?? UsualInterval, LongestInterval)),
            cancellationToken);
        if (!begun.Succeeded(out Shown? shown, out problem))
        {
            secret.Dispose();
            return problem;
        }

        if (shown is { DeviceCode: { } code, UserCode: { } userCode, Url: { } url, Life: > 0 and var life } && IsPage(url))
        {
            return new DeviceAttempt(sso, id, secret, client.ExpiresAt, code, userCode, url, time.GetUtcNow().AddSeconds(life))
            {
                Interval = shown.Interval,
            };
        }

        secret.Dispose();
        shown.DeviceCode?.Dispose();
        return Foreign(service);
    }

    /// <summary>When the login ends, once the person has confirmed the code; an end of null while they have not.</summary>
    public static async Task<Outcome<DeviceEnd>> AskAsync(
        DeviceAttempt attempt, AwsFetch fetch, TimeProvider time, CancellationToken cancellationToken)
    {
        SsoTokenService service = ServiceOf(attempt.Sso, fetch);
        Outcome<SsoToken> asked = await service.CreateTokenAsync(
            attempt.ClientId,
            attempt.ClientSecret,
            GrantType,
            ("deviceCode", attempt.DeviceCode),
            [Pending, SlowDown, Denied, Expired],
            cancellationToken);
        if (!asked.Succeeded(out SsoToken? token, out Problem? problem))
        {
            return problem;
        }

        using SsoToken answer = token;
        switch (answer)
        {
            case { Refusal: Pending or SlowDown } when attempt.EndsAt <= time.GetUtcNow():
                return Over(attempt, "was not confirmed in time");
            case { Refusal: SlowDown }:
                attempt.Interval = Math.Min(attempt.Interval + SlowerBy, LongestInterval);
                return DeviceEnd.NotYet;
            case { Refusal: Pending }:
                return DeviceEnd.NotYet;
            case { Refusal: Denied }:
                return Over(attempt, "was denied in the browser");
            case { Refusal: not null }:
                return Over(attempt, "was not confirmed in time");
            case { AccessToken: { } accessToken, Life: { } life }:
                return Save(attempt, accessToken, answer.RefreshToken, time.GetUtcNow().AddSeconds(life));
            default:
                return Foreign(service);
        }
    }

    private static Outcome<DeviceEnd> Save(DeviceAttempt attempt, Secret accessToken, Secret? refreshToken, DateTimeOffset end)
    {
        try
        {
            LoginFile.Write(attempt.Sso.TokenFile, json =>
            {
                json.WriteString("startUrl", attempt.Sso.StartUrl);
                json.WriteString("region", attempt.Sso.Region);
                json.WriteString("accessToken", accessToken.Bytes);
                json.WriteInstant("expiresAt", end);
                json.WriteString("clientId", attempt.ClientId);
                json.WriteString("clientSecret", attempt.ClientSecret.Bytes);
                if (attempt.RegistrationEnd is { } until)
                {
                    json.WriteInstant("registrationExpiresAt", until);
                }

                json.WriteOptional("refreshToken", refreshToken);
            });
            return new DeviceEnd(end);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string directory = Path.GetDirectoryName(attempt.Sso.TokenFile)!;
            return new Problem(
                ProblemKind.BadSetting,
                $"the login cannot be saved in {directory} ({e.GetType().Name})",
                $"look at the directory with: ls -ld {directory}");
        }
    }

    /// <summary>A page that a browser may be sent to: whatever else came must not reach what opens addresses.</summary>
    private static bool IsPage(string url) =>
        !url.AsSpan().ContainsAnyExceptInRange('!', '~') && Uri.TryCreate(url, UriKind.Absolute, out Uri? page) &&
        (page.Scheme == Uri.UriSchemeHttps || (page.Scheme == Uri.UriSchemeHttp && page.IsLoopback)) && page.UserInfo.Length == 0;

    private static Problem Over(DeviceAttempt attempt, string why) => new(
        ProblemKind.LoginRequired,
        $"the login of profile '{TextSanitizer.Name(attempt.Sso.Profile)}' {why}",
        $"run `ark login --profile {TextSanitizer.Name(attempt.Sso.Profile)}` again");

    private static Problem Foreign(SsoTokenService service) => new(
        ProblemKind.BadAnswer, $"{service.Host} answered with something that is no login", HttpFailure.CheckAddress);

    private static SsoTokenService ServiceOf(CredentialProvider.Sso sso, AwsFetch fetch) =>
        new(sso, fetch, $"profile {TextSanitizer.Name(sso.Profile)}");

    private sealed record Client(string? Id, Secret? Secret, DateTimeOffset? ExpiresAt);

    private sealed record Shown(Secret? DeviceCode, string? UserCode, string? Url, int Life, int Interval);
}

/// <summary>A login that waits for a person. Whoever has one disposes of it.</summary>
/// <param name="Sso">What is signed in to.</param>
/// <param name="ClientId">The client that was registered for it.</param>
/// <param name="ClientSecret">Its secret.</param>
/// <param name="RegistrationEnd">Until when the client may renew the login, if that was said.</param>
/// <param name="DeviceCode">By which the login is asked for.</param>
/// <param name="UserCode">What the page shows.</param>
/// <param name="Url">The page.</param>
/// <param name="EndsAt">Until when the page waits.</param>
internal sealed record DeviceAttempt(
    CredentialProvider.Sso Sso,
    string ClientId,
    Secret ClientSecret,
    DateTimeOffset? RegistrationEnd,
    Secret DeviceCode,
    string UserCode,
    string Url,
    DateTimeOffset EndsAt) : IDisposable
{
    /// <summary>Seconds between two questions.</summary>
    public int Interval { get; set; }

    public void Dispose()
    {
        ClientSecret.Dispose();
        DeviceCode.Dispose();
    }

    /// <summary>Never the secrets.</summary>
    public override string ToString() => Sso.Profile;
}

/// <summary>When a login ends that is there; null while it is not.</summary>
internal sealed record DeviceEnd(DateTimeOffset? At)
{
    public static DeviceEnd NotYet { get; } = new((DateTimeOffset?)null);
}
