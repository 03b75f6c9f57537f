using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Amazon.SSO;
using Amazon.SSO.Model;
using Amazon.SSOOIDC;
using Amazon.SSOOIDC.Model;
using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Files;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// Role credentials from a login that <c>aws sso login</c> made. The login is read from its file each time, so a new one is seen
/// at once, and renewed with its refresh token when it has one; nothing here ever opens a browser.
/// </summary>
internal sealed class SsoLogin(TimeProvider time, AwsFetch fetch, string holder)
{
    // A call with a login that ends during the call would fail; AWS's own tools also leave a margin.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    public async Task<Outcome<AwsKeys>> GetAsync(CredentialProvider.Sso sso, CancellationToken cancellationToken)
    {
        Outcome<string> login = await LoginAsync(sso, cancellationToken);
        if (!login.Succeeded(out string? accessToken, out Problem? problem))
        {
            return problem;
        }

        string endpoint = fetch.Endpoints.SsoIn(sso.Region);
        using var secret = new Secret(Encoding.UTF8.GetBytes(accessToken));
        using AmazonSSOClient portal = fetch.Sdk.Sso(endpoint, sso.Region);
        var request = new GetRoleCredentialsRequest { AccessToken = accessToken, AccountId = sso.AccountId, RoleName = sso.RoleName };
        Outcome<GetRoleCredentialsResponse> outcome = await fetch.Caller.CallAsync(
            new AwsCall("sso:GetRoleCredentials", holder, $"{sso.RoleName} in account {sso.AccountId}", sso.Profile),
            endpoint,
            [secret],
            () => portal.GetRoleCredentialsAsync(request, cancellationToken),
            cancellationToken);
        if (!outcome.Succeeded(out GetRoleCredentialsResponse? answer, out problem))
        {
            return problem;
        }

        RoleCredentials? role = answer.RoleCredentials;
        return AwsKeys.Answered(
            endpoint,
            $"role {sso.RoleName} of profile '{sso.Profile}'",
            (role?.AccessKeyId, role?.SecretAccessKey, role?.SessionToken));
    }

    /// <summary>The access token of a login that is good now.</summary>
    private async Task<Outcome<string>> LoginAsync(CredentialProvider.Sso sso, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate = LoginGates.Of(sso.TokenFile);
        await gate.WaitAsync(cancellationToken);
        try
        {
            return await ReadOrRenewAsync(sso, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<Outcome<string>> ReadOrRenewAsync(CredentialProvider.Sso sso, CancellationToken cancellationToken)
    {
        try
        {
            if (SmallFile.ReadText(sso.TokenFile) is not { Length: > 0 } text)
            {
                return LoginRequired(sso, "has not been logged in to IAM Identity Center");
            }

            using JsonDocument login = JsonDocument.Parse(text);
            return login.RootElement.ValueKind != JsonValueKind.Object
                ? Unreadable(sso)
                : Fresh(login.RootElement) is { } accessToken
                    ? accessToken
                    : await RenewAsync(sso, login.RootElement, cancellationToken);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return Unreadable(sso);
        }
    }

    private string? Fresh(JsonElement login) =>
        login.Instant("expiresAt") is { } expiry && expiry - Margin > time.GetUtcNow()
            ? login.Text("accessToken")
            : null;

    /// <summary>A new access token for the refresh token, written back for AWS's own tools. Without one only a person can log in
    /// again.</summary>
    private async Task<Outcome<string>> RenewAsync(CredentialProvider.Sso sso, JsonElement login, CancellationToken cancellationToken)
    {
        if ((login.Text("refreshToken"), login.Text("clientId"), login.Text("clientSecret")) is not ({ } refresh, { } id, { } secret) ||
            (login.Instant("registrationExpiresAt") is { } registered && registered <= time.GetUtcNow()))
        {
            return LoginRequired(sso, "has a login to IAM Identity Center that has expired");
        }

        string endpoint = fetch.Endpoints.SsoOidcIn(sso.Region);
        using var sentRefresh = new Secret(Encoding.UTF8.GetBytes(refresh));
        using var sentSecret = new Secret(Encoding.UTF8.GetBytes(secret));
        using AmazonSSOOIDCClient oidc = fetch.Sdk.SsoOidc(endpoint, sso.Region);
        var request = new CreateTokenRequest { GrantType = "refresh_token", RefreshToken = refresh, ClientId = id, ClientSecret = secret };
        Outcome<CreateTokenResponse> outcome = await fetch.Caller.CallAsync(
            new AwsCall("sso-oauth:CreateToken", holder, LoginProfile: sso.Profile),
            endpoint,
            [sentRefresh, sentSecret],
            () => oidc.CreateTokenAsync(request, cancellationToken),
            cancellationToken);
        if (!outcome.Succeeded(out CreateTokenResponse? answer, out Problem? problem))
        {
            return problem;
        }

        if (answer is not { AccessToken: { Length: > 0 } accessToken, ExpiresIn: > 0 and var seconds })
        {
            return new Problem(
                ProblemKind.BadAnswer,
                $"{new Uri(endpoint).Authority} answered without an access token",
                $"run `aws sso login --profile {sso.Profile}`");
        }

        try
        {
            SsoCacheFile.Replace(sso.TokenFile, login, accessToken, time.GetUtcNow().AddSeconds(seconds), answer.RefreshToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A read-only place: the new login serves this fetch all the same.
            fetch.Warning = $"the renewed login of profile '{sso.Profile}' could not be written to {sso.TokenFile}, so that AWS's tools, " +
                "and ark the next time, may have to log in again; let the file and its directory be writable";
        }

        return accessToken;
    }

    private static Problem Unreadable(CredentialProvider.Sso sso) => LoginRequired(
        sso, "has a login to IAM Identity Center that cannot be read");

    private static Problem LoginRequired(CredentialProvider.Sso sso, string state) =>
        new(ProblemKind.LoginRequired, $"the profile '{sso.Profile}' {state}", $"run `aws sso login --profile {sso.Profile}`");
}

/// <summary>
/// Lets one fetch at a time renew the login of a file: a refresh token may be good for one use. Those who share it renew it one after
/// another, and who comes second finds it new.
/// </summary>
internal static class LoginGates
{
    // Callers name the files, so there is no gate for each. That two files share one costs nothing but a wait.
    private static readonly SemaphoreSlim[] All = [.. Enumerable.Range(0, 64).Select(static _ => new SemaphoreSlim(1))];

    public static SemaphoreSlim Of(string file) => All[(uint)file.GetHashCode(StringComparison.Ordinal) % All.Length];
}

/// <summary>
/// Writes a renewed login back to where <c>aws sso login</c> put it. Refresh tokens may be good for one use: without this the AWS
/// command would find itself logged out. Secrets go to such files only, which hold the same kind of secret for AWS's own tools.
/// </summary>
internal static class SsoCacheFile
{
    /// <summary>
    /// Replaces the file in one step, for its owner only, every other member as it was. An answer without a refresh token ends the old
    /// one, as in AWS's own tools: it may have been good for this use only.
    /// </summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Replace(string path, JsonElement login, string accessToken, DateTimeOffset expiresAt, string? refreshToken)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            foreach (JsonProperty member in login.EnumerateObject())
            {
                if (member.Name is not ("accessToken" or "expiresAt" or "refreshToken"))
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteString("accessToken", accessToken);
            writer.WriteString("expiresAt", expiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            writer.WriteOptional("refreshToken", refreshToken);
            writer.WriteEndObject();
        }

        TrustedFile.Replace(path, text.WrittenSpan);
    }
}
