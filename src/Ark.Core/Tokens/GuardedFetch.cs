using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>Calls a source so that nothing it does can hurt: it is limited in time, and its exceptions become problems.</summary>
internal static class GuardedFetch
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Never throws, and ends at the limit even where the source ignores cancellation.</summary>
    /// <param name="source">Whom to ask.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="lifetime">Fires when the cache goes away; no waiter's token is ever used here.</param>
    public static async Task<FetchOutcome> RunAsync(ITokenSource source, TimeProvider time, CancellationToken lifetime)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, lifetime);
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
            // The type's name only: an exception's text may quote what it choked on.
            return Failed(ProblemKind.Internal, $"a fault in ark: {fault.GetType().Name}", "run the command again; if it stays, report it");
        }

        WipeWhenItComes(fetch);
        return lifetime.IsCancellationRequested
            ? Failed(ProblemKind.Internal, "the daemon is stopping", "run the command again")
            : Failed(
                ProblemKind.Unreachable,
                $"no answer in time from {source.Key.Place}",
                "check the network, proxy and VPN of this machine");
    }

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
