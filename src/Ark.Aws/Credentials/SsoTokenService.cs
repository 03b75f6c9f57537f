using System.Text.Json;
using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// The token service of IAM Identity Center, by OAuth: its requests are not signed, and the secrets in them and in the answers never become
/// strings.
/// </summary>
internal sealed class SsoTokenService(CredentialProvider.Sso sso, AwsFetch fetch, string holder)
{
    private readonly string _endpoint = fetch.Endpoints.SsoOidcIn(sso.Region);

    /// <summary>Who answers.</summary>
    public string Host => new Uri(_endpoint).Authority;

    /// <summary>An access token, or OAuth's word for why there is none yet; whoever gets it disposes of it.</summary>
    /// <param name="clientId">The registered client.</param>
    /// <param name="clientSecret">Its secret.</param>
    /// <param name="grantType">What is given for the token.</param>
    /// <param name="grant">The name of the member that has it, and its value.</param>
    /// <param name="answers">The words that are answers and no failures.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Outcome<SsoToken>> CreateTokenAsync(
        string clientId,
        Secret clientSecret,
        string grantType,
        (string Name, Secret Value) grant,
        IReadOnlyCollection<string> answers,
        CancellationToken cancellationToken) => CallAsync(
            "CreateToken",
            "/token",
            [clientSecret, grant.Value],
            json =>
            {
                json.WriteString("clientId", clientId);
                json.WriteString("clientSecret", clientSecret.Bytes);
                json.WriteString("grantType", grantType);
                json.WriteString(grant.Name, grant.Value.Bytes);
            },
            static answer => new SsoToken(answer.Secret("accessToken"), answer.Secret("refreshToken"), answer.Life("expiresIn"), null),
            cancellationToken,
            code => answers.Contains(code) ? new SsoToken(null, null, null, code) : null);

    /// <summary>Makes one call.</summary>
    /// <param name="action">Its name.</param>
    /// <param name="path">Where it goes.</param>
    /// <param name="secrets">What is in it that must not be in a problem's text.</param>
    /// <param name="write">Writes the members of its object.</param>
    /// <param name="read">Reads the answer's object.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="refused">What a refusal with this code comes to; null for a failure.</param>
    public Task<Outcome<T>> CallAsync<T>(
        string action,
        string path,
        Secret?[] secrets,
        Action<Utf8JsonWriter> write,
        Func<JsonElement, T> read,
        CancellationToken cancellationToken,
        Func<string, T?>? refused = null)
        where T : class => fetch.Caller.CallAsync(
            new AwsCall($"sso-oauth:{action}", holder, LoginProfile: sso.Profile),
            _endpoint,
            secrets,
            async () =>
            {
                using HttpRequestMessage request = JsonCall.Request(_endpoint + path, "application/json", write);
                try
                {
                    return await JsonCall.SendAsync(fetch.Http, request, read, cancellationToken);
                }
                catch (AwsRefusal e) when (refused?.Invoke(e.ErrorCode) is not null)
                {
                    return refused(e.ErrorCode)!;
                }
            },
            cancellationToken);
}

/// <summary>What the token service gave for a grant.</summary>
/// <param name="AccessToken">By which roles are asked for.</param>
/// <param name="RefreshToken">By which the login is renewed, or null.</param>
/// <param name="Life">How long the access token is good, in seconds.</param>
/// <param name="Refusal">Why there is none, as OAuth has it.</param>
internal sealed record SsoToken(Secret? AccessToken, Secret? RefreshToken, int? Life, string? Refusal) : IDisposable
{
    public void Dispose()
    {
        AccessToken?.Dispose();
        RefreshToken?.Dispose();
    }

    /// <summary>Never the tokens.</summary>
    public override string ToString() => Refusal ?? "a token";
}
