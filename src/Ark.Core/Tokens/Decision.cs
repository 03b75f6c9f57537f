namespace Ark.Core.Tokens;

/// <summary>One request.</summary>
/// <param name="Source">Who serves it.</param>
/// <param name="Policy">By which rules.</param>
/// <param name="Host">For which host, for status.</param>
/// <param name="Organization">For which organization, for status.</param>
/// <param name="IsForced">Whether a new token is wanted whatever there is, and no pause is kept.</param>
internal readonly record struct TokenRequest(
    ITokenSource Source, RefreshPolicy Policy, string Host, string? Organization, bool IsForced = false);

/// <summary>What a cache entry says to a request.</summary>
internal readonly record struct Decision
{
    public enum Kind
    {
        /// <summary>The entry was evicted between being found and being asked: find it again.</summary>
        FindAgain,

        /// <summary><see cref="Decision.Answer"/> is the answer, and perhaps <see cref="Decision.Fetch"/> is to be run behind it.</summary>
        Answer,

        /// <summary>
        /// A place in the queue for <see cref="Decision.Fetch"/>. Who takes it must give it back, by <see cref="CacheEntry.Collect"/>
        /// or <see cref="CacheEntry.StopWaiting"/>.
        /// </summary>
        Join,

        /// <summary>No fetch may begin for <see cref="Pause"/>; who does not wait that long takes <see cref="Decision.Answer"/>.</summary>
        Wait,
    }

    public Kind What { get; private init; }

    public TokenAnswer? Answer { get; private init; }

    public PendingFetch? Fetch { get; private init; }

    /// <summary>Whether whoever receives this must run <see cref="Fetch"/>: it has been registered, and nobody else will.</summary>
    public bool MustRun { get; private init; }

    public TimeSpan Pause { get; private init; }

    public static Decision FindAgain => default;

    public static Decision AnswerWith(TokenAnswer answer, PendingFetch? behind) =>
        new() { What = Kind.Answer, Answer = answer, Fetch = behind, MustRun = behind is not null };

    public static Decision Join(PendingFetch fetch, bool mustRun) => new() { What = Kind.Join, Fetch = fetch, MustRun = mustRun };

    public static Decision Wait(TimeSpan pause, TokenAnswer otherwise) => new() { What = Kind.Wait, Pause = pause, Answer = otherwise };
}
