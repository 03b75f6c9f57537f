using Ark.Core.Problems;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Daemon.Sources;

/// <summary>A token that a form with a secret is exchanged for. It knows no registry: the endpoint and the form say what it is good for.</summary>
internal sealed class OAuthTokenSource(OAuthSource source, CallerPlace place, SecretReader secrets, TokenEndpoint endpoint, TimeProvider time) : ITokenSource
{
    public TokenKey Key { get; } = SourceKey.Of(
        source.Type,
        source.Url,
        SecretName.Of(source.Secret),
        place,
        [
            source.SecretField,
            source.TokenField,
            source.Username,
            SourceKey.Text(source.Lifetime),
            .. source.Form.SelectMany(field => (IEnumerable<string>)[field.Name, field.Value]),
            .. SecretName.Whole(source.Secret),
            SecretReader.StampOf(source.Secret, place),
        ]);

    public string Identity => SecretName.Of(source.Secret);

    /// <summary>Unless a store would have to be unlocked for it.</summary>
    public bool OutlivesRequest => source.Secret is not SecretReference.Helper;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        if (!(await secrets.ReadAsync(source.Secret, place, cancellationToken)).Succeeded(out ReadSecret? read, out Problem? problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        using (read)
        {
            DateTimeOffset asked = time.GetUtcNow();
            if (!(await endpoint.ExchangeAsync(source, read.Secret, cancellationToken)).Succeeded(out IssuedToken? issued, out problem))
            {
                return new FetchOutcome.Failed(problem);
            }

            using (issued)
            {
                return new FetchOutcome.Fetched(new AuthorizationToken(source.Username, issued.Secret, asked + (issued.Life ?? source.Lifetime)));
            }
        }
    }
}
