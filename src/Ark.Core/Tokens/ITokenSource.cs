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

    public sealed record Fetched(AuthorizationToken Token) : FetchOutcome;

    public sealed record Failed(Problem Problem) : FetchOutcome;
}
