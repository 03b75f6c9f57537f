using System.Text;
using System.Text.Json;
using Ark.Aws.Calls;
using Ark.Core.Problems;
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
        Outcome<Secret> login =
            await LoginFile.InTurnAsync(sso.TokenFile, () => ReadOrRenewAsync(sso, cancellationToken), cancellationToken);
        if (!login.Succeeded(out Secret? read, out Problem? problem))
        {
            return problem;
        }

        using Secret accessToken = read;
        if (accessToken.Bytes.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return LoginRequired(sso, "has a login to IAM Identity Center that no header could carry");
        }

        string endpoint = fetch.Endpoints.SsoIn(sso.Region);
        Outcome<RoleKeys> outcome = await fetch.Caller.CallAsync(
            new AwsCall("sso:GetRoleCredentials", holder, $"{sso.RoleName} in account {sso.AccountId}", sso.Profile),
            endpoint,
            [accessToken],
            () => RoleKeysAsync(sso, endpoint, accessToken, cancellationToken),
            cancellationToken);
        return !outcome.Succeeded(out RoleKeys? answer, out problem)
            ? problem
            : AwsKeys.Answered(endpoint, $"role {sso.RoleName} of profile '{sso.Profile}'", answer.Keys);
    }

    /// <summary>The portal takes the login in a header, and no signature.</summary>
    private async Task<RoleKeys> RoleKeysAsync(
        CredentialProvider.Sso sso, string endpoint, Secret accessToken, CancellationToken cancellationToken)
    {
        string role = Uri.EscapeDataString(sso.RoleName);
        string account = Uri.EscapeDataString(sso.AccountId);
        using HttpRequestMessage request =
            JsonCall.Request(HttpMethod.Get, $"{endpoint.TrimEnd('/')}/federation/credentials?role_name={role}&account_id={account}");
        request.Headers.TryAddWithoutValidation("x-amz-sso_bearer_token", Encoding.UTF8.GetString(accessToken.Bytes));
        return await JsonCall.SendAsync(
            fetch.Http,
            request,
            static answer => new RoleKeys(answer.Member("roleCredentials") is { } keys
                ? AwsKeys.From(keys.Text("accessKeyId"), keys.Secret("secretAccessKey"), keys.Secret("sessionToken"))
                : null),
            cancellationToken);
    }

    /// <summary>The access token of a login that is good now.</summary>
    private async Task<Outcome<Secret>> ReadOrRenewAsync(CredentialProvider.Sso sso, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument? login = LoginFile.Read(sso.TokenFile);
            return login is null ? LoginRequired(sso, "has not been logged in to IAM Identity Center")
                : Fresh(login.RootElement) is { } accessToken ? accessToken
                : await RenewAsync(sso, login.RootElement, cancellationToken);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return LoginRequired(sso, "has a login to IAM Identity Center that cannot be read");
        }
    }

    private Secret? Fresh(JsonElement login) =>
        login.Instant("expiresAt") is { } expiry && expiry - Margin > time.GetUtcNow() && login.Text("accessToken") is not null
            ? login.Secret("accessToken")
            : null;

    /// <summary>A new access token for the refresh token, written back for AWS's own tools. Without one only a person can log in
    /// again.</summary>
    private async Task<Outcome<Secret>> RenewAsync(CredentialProvider.Sso sso, JsonElement login, CancellationToken cancellationToken)
    {
        using Secret? refresh = login.Secret("refreshToken");
        using Secret? secret = login.Secret("clientSecret");
        if ((login.Text("clientId"), secret, refresh) is not ({ } id, { Bytes.IsEmpty: false }, { Bytes.IsEmpty: false }) ||
            (login.Instant("registrationExpiresAt") is { } registered && registered <= time.GetUtcNow()))
        {
            return LoginRequired(sso, "has a login to IAM Identity Center that has expired");
        }

        var service = new SsoTokenService(sso, fetch, holder);
        Outcome<SsoToken> outcome = await service.CreateTokenAsync(
            id, secret, "refresh_token", ("refreshToken", refresh), answers: [], cancellationToken);
        if (!outcome.Succeeded(out SsoToken? token, out Problem? problem))
        {
            return problem;
        }

        using SsoToken answer = token;
        if (answer is not { AccessToken: { Bytes.IsEmpty: false } accessToken, Life: { } seconds })
        {
            return new Problem(
                ProblemKind.BadAnswer,
                $"{service.Host} answered without an access token",
                $"run `aws sso login --profile {sso.Profile}`");
        }

        try
        {
            LoginFile.Write(sso.TokenFile, json =>
            {
                // An answer without a refresh token ends the old one, as in AWS's own tools: it may have been good for this use only.
                json.WriteRest(login, "accessToken", "expiresAt", "refreshToken");
                json.WriteString("accessToken", accessToken.Bytes);
                json.WriteInstant("expiresAt", time.GetUtcNow().AddSeconds(seconds));
                json.WriteOptional("refreshToken", answer.RefreshToken);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A read-only place: the new login serves this fetch all the same.
            fetch.Warning = $"the renewed login of profile '{sso.Profile}' could not be written to {sso.TokenFile}, so that AWS's tools, " +
                "and ark the next time, may have to log in again; let the file and its directory be writable";
        }

        return new Secret(accessToken.Bytes);
    }

    private static Problem LoginRequired(CredentialProvider.Sso sso, string state) =>
        new(ProblemKind.LoginRequired, $"the profile '{sso.Profile}' {state}", $"run `aws sso login --profile {sso.Profile}`");

    /// <summary>The keys of a role; null where the answer has none.</summary>
    private sealed record RoleKeys(AwsKeys? Keys);
}
