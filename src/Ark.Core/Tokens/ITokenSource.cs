using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>Something that can get a token for one key: AWS, another helper, a command. It knows nothing of caches or hosts.</summary>
public interface ITokenSource
{
    /// <summary>The cache key. Cheap and without network, since a cache hit pays for it too.</summary>
    TokenKey Key { get; }

    /// <summary>Who asks, for people: <c>profile tbd</c>, <c>environment AKIA…</c>. Never a secret.</summary>
    string Identity { get; }

    /// <summary>
    /// Whether a fetch may happen with no request at hand. False where the source holds keys that a caller supplied for one request.
    /// </summary>
    bool OutlivesRequest { get; }

    /// <summary>The same source, for being kept beyond the request: it holds only what it needs to find its way again.</summary>
    ITokenSource ForKeeping() => this;

    /// <summary>
    /// Whether a request would still be answered by this source: the configuration may have lost its host, or a profile been edited.
    /// Asked before a fetch with no request at hand, and when the configuration has changed; it may look at files.
    /// </summary>
    bool IsCurrent => true;

    /// <summary>
    /// Gets a new token. Failures that a user can repair come back as <see cref="FetchOutcome.Failed"/>; exceptions are bugs,
    /// or <see cref="OperationCanceledException"/> when <paramref name="cancellationToken"/> fired.
    /// </summary>
    Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken);
}

/// <summary>What a fetch came to: a token or a problem, nothing else.</summary>
public abstract record FetchOutcome
{
    private FetchOutcome()
    {
    }

    public sealed record Fetched(AuthorizationToken Token) : FetchOutcome
    {
        /// <summary>What the log should say although it went well, or null.</summary>
        public string? Warning { get; init; }
    }

    public sealed record Failed(Problem Problem) : FetchOutcome;
}

/// <summary>
/// What makes two requests share one token: where it is valid and who asks. An ECR token is good for every registry that its
/// principal may use in a region, so hosts are not part of it.
/// </summary>
/// <param name="Partition">AWS partition, such as <c>aws</c> or <c>aws-cn</c>; empty for what is not of AWS.</param>
/// <param name="Region">AWS region, such as <c>eu-west-1</c>; empty for what is not of AWS.</param>
/// <param name="Service"><c>ecr</c>, <c>ecr-public</c>, or the type of another source.</param>
/// <param name="Endpoint">The API address when it was overridden, or the registry that the credentials are for; otherwise empty.</param>
/// <param name="Principal">Who asks: a name and a fingerprint, never a secret and never a short-lived session's keys.</param>
public readonly record struct TokenKey(string Partition, string Region, string Service, string Endpoint, string Principal)
{
    /// <summary>Where tokens of this key come from, for people: <c>ecr in eu-west-1</c>, <c>helper for ghcr.io</c>.</summary>
    public string Place => Region.Length > 0 ? $"{Service} in {Region}" : Endpoint.Length > 0 ? $"{Service} for {Endpoint}" : Service;
}
