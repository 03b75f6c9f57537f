using System.Collections.Concurrent;
using System.Text.Json;
using Amazon.SSO;
using Amazon.SSO.Model;
using Amazon.SSOOIDC;
using Amazon.SSOOIDC.Model;
using Ark.Aws.Profiles;
using Ark.Aws.Sdk;
using Ark.Core.Problems;

namespace Ark.Aws.Credentials;

/// <summary>
/// Role credentials from a login that <c>aws sso login</c> made. The login is read from its file each time, so a new one is seen
/// at once, and renewed with its refresh token when it has one; nothing here ever opens a browser.
/// </summary>
internal sealed class SsoLogin(TimeProvider time, Clients clients, AwsCaller caller)
{
    // A call with a login that ends during the call would fail; AWS's own tools also leave a margin.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    // A refresh token may be good for one use. Profiles that share a login renew it one after another, and who comes second finds it new.
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Gates = new(StringComparer.Ordinal);

    public async Task<Outcome<AwsKeys>> GetAsync(CredentialProvider.Sso recipe, CancellationToken cancellationToken)
    {
        Outcome<string> login = await LoginAsync(recipe, cancellationToken);
        if (!login.Succeeded(out string? accessToken, out Problem? problem))
        {
            return problem;
        }

        using AmazonSSOClient sso = clients.Sso(recipe.Region);
        var request = new GetRoleCredentialsRequest { AccessToken = accessToken, AccountId = recipe.AccountId, RoleName = recipe.RoleName };
        var call = new AwsCall("sso:GetRoleCredentials", $"{recipe.RoleName} in account {recipe.AccountId}", recipe.Profile);
        Outcome<GetRoleCredentialsResponse> outcome =
            await caller.CallAsync(call, sso, [accessToken], () => sso.GetRoleCredentialsAsync(request, cancellationToken));
        if (!outcome.Succeeded(out GetRoleCredentialsResponse? answer, out problem))
        {
            return problem;
        }

        return AwsKeys.From(answer.RoleCredentials?.AccessKeyId, answer.RoleCredentials?.SecretAccessKey, answer.RoleCredentials?.SessionToken) is { } keys
            ? keys
            : new Problem(
                ProblemKind.BadAnswer,
                $"IAM Identity Center answered for role {recipe.RoleName} of profile '{recipe.Profile}' without credentials",
                "check what answers at the SSO endpoint");
    }

    /// <summary>The access token of a login that is good now.</summary>
    private async Task<Outcome<string>> LoginAsync(CredentialProvider.Sso recipe, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate = Gates.GetOrAdd(recipe.TokenFile, static _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            return await ReadOrRenewAsync(recipe, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<Outcome<string>> ReadOrRenewAsync(CredentialProvider.Sso recipe, CancellationToken cancellationToken)
    {
        try
        {
            if (SmallFile.Find(recipe.TokenFile)?.ReadText() is not { Length: > 0 } text)
            {
                return LoginRequired(recipe, "has not been logged in to IAM Identity Center");
            }

            using JsonDocument login = JsonDocument.Parse(text);
            return login.RootElement.ValueKind != JsonValueKind.Object
                ? Unreadable(recipe)
                : Fresh(login.RootElement) is { } accessToken
                    ? accessToken
                    : await RenewAsync(recipe, login.RootElement, cancellationToken);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return Unreadable(recipe);
        }
    }

    private string? Fresh(JsonElement login) =>
        login.Instant("expiresAt") is { } expiry && expiry - Margin > time.GetUtcNow()
            ? login.Text("accessToken")
            : null;

    /// <summary>A new access token for the refresh token, written back for AWS's own tools. Without one only a person can log in
    /// again.</summary>
    private async Task<Outcome<string>> RenewAsync(CredentialProvider.Sso recipe, JsonElement login, CancellationToken cancellationToken)
    {
        if ((login.Text("refreshToken"), login.Text("clientId"), login.Text("clientSecret")) is not ({ } refresh, { } id, { } secret) ||
            (login.Instant("registrationExpiresAt") is { } registered && registered <= time.GetUtcNow()))
        {
            return LoginRequired(recipe, "has a login to IAM Identity Center that has expired");
        }

        using AmazonSSOOIDCClient oidc = clients.SsoOidc(recipe.Region);
        var request = new CreateTokenRequest { GrantType = "refresh_token", RefreshToken = refresh, ClientId = id, ClientSecret = secret };
        var call = new AwsCall("sso-oauth:CreateToken", LoginProfile: recipe.Profile);
        Outcome<CreateTokenResponse> outcome =
            await caller.CallAsync(call, oidc, [refresh, secret], () => oidc.CreateTokenAsync(request, cancellationToken));
        if (!outcome.Succeeded(out CreateTokenResponse? answer, out Problem? problem))
        {
            return problem;
        }

        if (answer is not { AccessToken: { Length: > 0 } accessToken, ExpiresIn: > 0 and var seconds })
        {
            return new Problem(
                ProblemKind.BadAnswer,
                "IAM Identity Center answered without an access token",
                $"run `aws sso login --profile {recipe.Profile}`");
        }

        SsoCacheFile.Replace(recipe.TokenFile, login, accessToken, time.GetUtcNow().AddSeconds(seconds), answer.RefreshToken);
        return accessToken;
    }

    private static Problem Unreadable(CredentialProvider.Sso recipe) => LoginRequired(
        recipe, "has a login to IAM Identity Center that cannot be read");

    private static Problem LoginRequired(CredentialProvider.Sso recipe, string state) =>
        new(ProblemKind.LoginRequired, $"the profile '{recipe.Profile}' {state}", $"run `aws sso login --profile {recipe.Profile}`");
}
