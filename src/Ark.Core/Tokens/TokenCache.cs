using System.Security.Cryptography;
using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>
/// Tokens in memory, one for each key, fetched once however many ask, and never handed out past their bounds. Safe for any number
/// of callers. <see cref="RefreshLoop"/> renews them ahead of time; without it everything still holds, since each request decides
/// for itself. Disposing it stops its fetches and wipes every secret.
/// </summary>
public sealed class TokenCache : IDisposable
{
    public const int DefaultCapacity = 10_000;

    private readonly TimeProvider _time;
    private readonly AgeClock _clock;
    private readonly SlotTable _slots;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly CancellationToken _stopping;
    private bool _disposed;

    /// <param name="time">The wall clock and the monotonic clock, and the timer that limits a fetch.</param>
    /// <param name="jitter">Draws from [0,1), for refresh times and pauses; by default a good random source.</param>
    /// <param name="capacity">How many keys are kept at most; the one used longest ago makes room.</param>
    public TokenCache(TimeProvider time, Func<double>? jitter = null, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _time = time;
        _clock = new AgeClock(time);
        _slots = new SlotTable(capacity, key => new TokenSlot(key, _clock, jitter ?? DrawJitter));
        _stopping = _lifetime.Token;
    }

    /// <summary>
    /// A token that is good now, or the reason why there is none. Answers at once when it can; otherwise waits for the one fetch of
    /// the key. Throws only <see cref="OperationCanceledException"/>, when the caller stops waiting; the fetch goes on. (After
    /// <see cref="Dispose"/> it throws <see cref="ObjectDisposedException"/>.)
    /// </summary>
    /// <param name="source">Where a token comes from if one is needed. Kept only when it outlives the request.</param>
    /// <param name="policy">When to refresh, and how much life must be left.</param>
    /// <param name="host">The host that is served, for status.</param>
    /// <param name="organization">Its organization, for status.</param>
    /// <param name="cancellationToken">Ends the wait, not the fetch.</param>
    public async Task<TokenAnswer> GetAsync(
        ITokenSource source, RefreshPolicy policy, string host, string? organization, CancellationToken cancellationToken)
    {
        if (!policy.IsKept)
        {
            return await FetchForOneAsync(source, cancellationToken);
        }

        var use = new TokenUse(source, policy, host, organization);
        while (true)
        {
            TokenSlot slot = _slots.FindOrAdd(source.Key);
            switch (slot.Ask(use, _clock.Now()))
            {
                case Step.Answered(var answer, var behind):
                    Start(slot, behind);
                    return answer;

                case Step.Waiting(var flight, var start):
                    Start(slot, start);
                    await WaitAsync(slot, flight, cancellationToken);
                    return slot.Collect(policy, _clock.Now());
            }
        }
    }

    /// <summary>
    /// Fetches a new token whatever there is, or joins the fetch that is under way. Null when it is there, else the reason why not;
    /// a token that was good before then stays in use. Cancelling is as for <see cref="GetAsync"/>.
    /// </summary>
    public async Task<Problem?> RefreshAsync(
        ITokenSource source, RefreshPolicy policy, string host, string? organization, CancellationToken cancellationToken)
    {
        if (!policy.IsKept)
        {
            return await ProbeAsync(source, cancellationToken);
        }

        var use = new TokenUse(source, policy, host, organization);
        while (true)
        {
            TokenSlot slot = _slots.FindOrAdd(source.Key);
            if (slot.Force(use, _clock.Now()) is Step.Waiting(var flight, var start))
            {
                Start(slot, start);
                await WaitAsync(slot, flight, cancellationToken);
                slot.Leave();
                return await flight.Landed;
            }
        }
    }

    /// <summary>
    /// Drops a key's token, because a client erased it. One fetched less than 10 s ago (or half its life, if that is shorter) stays,
    /// so that a loop of erase and get costs one fetch in 10 s at most.
    /// </summary>
    public void Forget(TokenKey key) => _slots.Find(key)?.Forget(_clock.Now());

    /// <summary>
    /// Drops all that is known for a key, a good token or the reason why there is none, because it was changed where it comes from.
    /// </summary>
    public void Invalidate(TokenKey key) => _slots.Find(key)?.Invalidate();

    /// <summary>Drops the keys whose source is not current any more, because the configuration has changed.</summary>
    public void DropStale()
    {
        foreach (TokenSlot slot in _slots.All().Where(slot => !slot.IsCurrent()))
        {
            _slots.Drop(slot);
        }
    }

    /// <summary>One entry for each host that a kept key has served, by host.</summary>
    public IReadOnlyList<TokenStatus> Snapshot()
    {
        Moment now = _clock.Now();
        return [.. _slots.All().SelectMany(slot => slot.Describe(now)).OrderBy(status => status.Host, StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        _lifetime.Cancel();
        _slots.Dispose();
        _lifetime.Dispose();
    }

    /// <summary>Drops what nobody has used for a day, renews what is due, a few at a time, and says how long until more is.</summary>
    internal async Task<TimeSpan?> RefreshDueAsync(int atOnce, CancellationToken cancellationToken)
    {
        Moment now = _clock.Now();
        TokenSlot[] slots = _slots.All();
        foreach (TokenSlot slot in slots.Where(slot => slot.IsAbandoned(now)))
        {
            _slots.Drop(slot);
        }

        await Parallel.ForEachAsync(
            slots.Where(slot => slot.RefreshIn(now) <= TimeSpan.Zero),
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
            async (slot, stop) =>
            {
                if (!slot.IsCurrent())
                {
                    _slots.Drop(slot);
                }
                else if (slot.BeginBehind(_clock.Now()) is { } departure)
                {
                    await FlyAsync(slot, departure).WaitAsync(stop);
                }
            });

        now = _clock.Now();
        return slots.Min(slot => slot.RefreshIn(now));
    }

    /// <summary>Ends when every fetch that is in flight now has landed, for tests.</summary>
    internal Task LandedAsync() => Task.WhenAll(_slots.All().Select(slot => slot.Landed));

    private async Task<TokenAnswer> FetchForOneAsync(ITokenSource source, CancellationToken cancellationToken)
    {
        // Nobody shares this fetch, so that it may end with the one who waits for it.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping, cancellationToken);
        switch (await GuardedFetch.RunAsync(source, _time, either.Token))
        {
            case FetchOutcome.Fetched(var token):
                using (token)
                {
                    return new TokenAnswer.Token(token.Username, token.CopySecret(), token.ExpiresAt, Warning: null);
                }

            case FetchOutcome.Failed(var problem):
                cancellationToken.ThrowIfCancellationRequested();
                return new TokenAnswer.Failed(problem);

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private async Task<Problem?> ProbeAsync(ITokenSource source, CancellationToken cancellationToken)
    {
        switch (await FetchForOneAsync(source, cancellationToken))
        {
            case TokenAnswer.Token token:
                CryptographicOperations.ZeroMemory(token.Secret);
                return null;

            case TokenAnswer.Failed(var problem):
                return problem;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static double DrawJitter() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;

    private static async Task WaitAsync(TokenSlot slot, Flight flight, CancellationToken cancellationToken)
    {
        await ((Task)flight.Landed.WaitAsync(cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!flight.Landed.IsCompleted)
        {
            slot.Leave();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void Start(TokenSlot slot, Departure? departure)
    {
        if (departure is { } ready)
        {
            _ = FlyAsync(slot, ready);
        }
    }

    private async Task FlyAsync(TokenSlot slot, Departure departure)
    {
        FetchOutcome outcome = await GuardedFetch.RunAsync(departure.Source, _time, _stopping);
        Problem? problem = slot.Land(departure, outcome, _clock.Now());
        _slots.Return(slot);
        departure.Flight.Land(problem);
    }
}
