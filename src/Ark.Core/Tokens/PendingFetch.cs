using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Core.Tokens;

/// <summary>One fetch on its way, shared by everybody who waits for the key.</summary>
/// <param name="source">Whom to ask.</param>
/// <param name="policy">The rules of whoever began it.</param>
/// <param name="began">When it began.</param>
/// <param name="jitter">Drawn once: places the refresh time or the next try that follows from this fetch.</param>
internal sealed class PendingFetch(ITokenSource source, RefreshPolicy policy, ClockReading began, double jitter)
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // Continuations run on the pool: a thousand waiters must not run one after the other on the thread that completed the fetch.
    private readonly TaskCompletionSource<Problem?> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ITokenSource Source => source;

    public RefreshPolicy Policy => policy;

    public ClockReading Began => began;

    public double Jitter => jitter;

    /// <summary>Null when a new token is stored, else why there is none. Never faults, never cancels.</summary>
    public Task<Problem?> Completed => _completed.Task;

    public void Complete(Problem? problem) => _completed.SetResult(problem);

    /// <summary>
    /// Calls a source so that nothing it does can hurt: never throws, and ends at the limit even where the source ignores cancellation.
    /// </summary>
    /// <param name="source">Whom to ask.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="onFault">Hears of an exception out of the source, which is a bug.</param>
    /// <param name="stopping">Fires when the cache goes away; no waiter's token is ever used here while others may share the fetch.</param>
    public static async Task<FetchOutcome> RunAsync(
        ITokenSource source, TimeProvider time, Action<Exception> onFault, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        CancellationToken stop = either.Token;

        // On the pool, because a source may work for a while before it first awaits, and an answer may be waiting behind us.
        Task<FetchOutcome> fetch = Task.Run(() => source.FetchAsync(stop), CancellationToken.None);
        await ((Task)fetch.WaitAsync(stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        if (fetch.IsCompletedSuccessfully)
        {
            return await fetch;
        }

        if (fetch.Exception?.InnerException is { } fault)
        {
            onFault(fault);
            // The type's name only: an exception's text may quote what it choked on.
            return Failed(
                ProblemKind.Internal,
                $"a fault in ark: {fault.GetType().Name}",
                $"run the command again; if it fails again, {Report.Hint}");
        }

        WipeWhenItComes(fetch);
        return stopping.IsCancellationRequested
            ? Failed(ProblemKind.Internal, "the daemon is stopping", "run the command again")
            : new FetchOutcome.Failed(NoAnswerInTime(source.Key));
    }

    public static Problem NoAnswerInTime(TokenKey key) => new(
        ProblemKind.Unreachable, $"no answer in time from {key.Place}", "check the network, proxy and VPN of this machine");

    private static FetchOutcome.Failed Failed(ProblemKind kind, string message, string hint) => new(new Problem(kind, message, hint));

    private static void WipeWhenItComes(Task<FetchOutcome> abandoned) =>
        abandoned.ContinueWith(
            static late =>
            {
                if (late is { IsCompletedSuccessfully: true, Result: FetchOutcome.Fetched fetched })
                {
                    fetched.Token.Dispose();
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
}

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
