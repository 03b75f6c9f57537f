using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>
/// Tokens in memory, one for each key, fetched once however many ask, and never handed out past their bounds. Safe for any number
/// of callers. <see cref="RefreshLoop"/> renews them ahead of time; without it everything still holds, since each request decides
/// for itself. The keys are bounded: the one used longest ago makes room, and is wiped. Disposing it stops its fetches and wipes
/// every secret.
/// </summary>
public sealed class TokenCache : IDisposable
{
    public const int DefaultCapacity = 10_000;

    /// <summary>How long a request without a usable token tries on, while trying may help: less than its client waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Room is made for a twentieth at once, so that a flood of new keys does not sort all of them for each.
    private const int RoomShare = 20;

    private readonly TimeProvider _time;
    private readonly AgeClock _clock;
    private readonly Func<double> _jitter;
    private readonly int _capacity;
    private readonly Action<Exception>? _onFault;

    // Found without a lock; added, retired and removed under the gate.
    private readonly ConcurrentDictionary<TokenKey, CacheEntry> _entries = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _lifetime = new();
    private readonly CancellationToken _stopping;
    private long _uses;
    private long _faults;
    private int _pausing;
    private bool _isDisposed;

    /// <param name="time">The wall clock and the monotonic clock, and the timer that limits a fetch.</param>
    /// <param name="jitter">Draws from [0,1), for refresh times and pauses; by default a good random source.</param>
    /// <param name="capacity">How many keys are kept at most; the one used longest ago makes room.</param>
    /// <param name="onFault">Hears of each fault, once: an exception out of a source, or in a fetch that nobody waits for.</param>
    public TokenCache(
        TimeProvider time, Func<double>? jitter = null, int capacity = DefaultCapacity, Action<Exception>? onFault = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _time = time;
        _clock = new AgeClock(time);
        _jitter = jitter ?? DrawJitter;
        _capacity = capacity;
        _onFault = onFault;
        _stopping = _lifetime.Token;
    }

    /// <summary>How many exceptions there were that should not have been. Each is a bug, and everything went on all the same.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>
    /// A token that is good now, or the reason why there is none. Answers at once when it can; otherwise waits for the one fetch of
    /// the key, and while the cause may pass by itself for another, <see cref="Patience"/> at most. Throws only
    /// <see cref="OperationCanceledException"/>, when the caller stops waiting; the fetch goes on. (After <see cref="Dispose"/> it
    /// throws <see cref="ObjectDisposedException"/>.)
    /// </summary>
    /// <param name="source">Where a token comes from if one is needed. Kept only when it outlives the request.</param>
    /// <param name="policy">When to refresh, and how much life must be left.</param>
    /// <param name="host">The host that is served, for status.</param>
    /// <param name="organization">Its organization, for status.</param>
    /// <param name="cancellationToken">Ends the wait, not the fetch.</param>
    public Task<TokenAnswer> GetAsync(
        ITokenSource source, RefreshPolicy policy, string host, string? organization, CancellationToken cancellationToken)
    {
        if (!policy.IsKept)
        {
            return FetchForOneAsync(source, cancellationToken);
        }

        var request = new TokenRequest(source, policy, host, organization);
        (CacheEntry entry, Decision decision) = Decide(request, hasTried: false);
        return decision.What == Decision.Kind.Answer
            ? Task.FromResult(Take(entry, decision))
            : WaitAsync(request, entry, decision, cancellationToken);
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

        var request = new TokenRequest(source, policy, host, organization, IsForced: true);
        (CacheEntry entry, Decision decision) = Decide(request, hasTried: false);
        PendingFetch fetch = decision.Fetch!;
        Start(entry, decision);
        await JoinAsync(entry, fetch, Timeout.InfiniteTimeSpan, cancellationToken);
        entry.StopWaiting();
        return await fetch.Completed;
    }

    /// <summary>
    /// Wipes a key's token, because a client erased it. The next request fetches another at once, unless one was fetched for the same
    /// cause less than 10 s ago: then it waits for the rest, so that a loop of erase and get costs one fetch in 10 s.
    /// </summary>
    public void Erase(TokenKey key) => Find(key)?.Erase();

    /// <summary>
    /// Drops all that is known for a key, a good token or the reason why there is none, because it was changed where it comes from.
    /// </summary>
    public void Invalidate(TokenKey key) => Find(key)?.Invalidate();

    /// <summary>A person has signed in: whoever failed for want of that need not wait for the next try.</summary>
    public void SignedIn()
    {
        foreach (CacheEntry entry in All())
        {
            entry.SignedIn();
        }
    }

    /// <summary>Drops the keys whose source is not current any more, because the configuration has changed.</summary>
    public void DropStale()
    {
        foreach (CacheEntry entry in All().Where(entry => !entry.IsCurrent()))
        {
            Drop(entry);
        }
    }

    /// <summary>One entry for each host that a kept key has served, by host.</summary>
    public IReadOnlyList<TokenStatus> Snapshot()
    {
        ClockReading now = _clock.Now();
        return [.. All().SelectMany(entry => entry.Describe(now)).OrderBy(status => status.Host, StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _lifetime.Cancel();
        lock (_gate)
        {
            foreach (CacheEntry entry in All())
            {
                entry.Close();
            }

            _entries.Clear();
        }

        _lifetime.Dispose();
    }

    /// <summary>How many requests wait for the next try, for tests.</summary>
    internal int Pausing => Volatile.Read(ref _pausing);

    /// <summary>Counts a fault and tells of it.</summary>
    internal void Report(Exception fault)
    {
        Interlocked.Increment(ref _faults);
        _onFault?.Invoke(fault);
    }

    /// <summary>Drops what nobody has used for a day, renews what is due, a few at a time, and says how long until more is.</summary>
    internal async Task<TimeSpan?> RefreshDueAsync(int atOnce, CancellationToken cancellationToken)
    {
        ClockReading now = _clock.Now();
        CacheEntry[] entries = All();
        foreach (CacheEntry entry in entries.Where(entry => entry.IsAbandoned(now)))
        {
            Drop(entry);
        }

        CacheEntry[] due = [.. entries.Where(entry => entry.RefreshIn(now) <= TimeSpan.Zero)];
        if (due.Length == 0)
        {
            // Nearly always so, and then no other thread is woken.
            return entries.Min(entry => entry.RefreshIn(now));
        }

        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
            // A fault of one key does not keep the others from being renewed.
            async (entry, stop) => await WatchAsync(RenewAsync(entry, stop)));

        now = _clock.Now();
        return entries.Min(entry => entry.RefreshIn(now));
    }

    /// <summary>Ends when every fetch that is on its way now is complete, for tests.</summary>
    internal Task CompletedAsync() => Task.WhenAll(All().Select(entry => entry.Completed));

    private static double DrawJitter() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;

    private (CacheEntry Entry, Decision Decision) Decide(in TokenRequest request, bool hasTried)
    {
        while (true)
        {
            CacheEntry entry = FindOrAdd(request.Source.Key);
            Decision decision = entry.Ask(request, _clock.Now(), hasTried);
            if (decision.What != Decision.Kind.FindAgain)
            {
                return (entry, decision);
            }

            // Whoever retired it holds the gate until it is gone.
            lock (_gate)
            {
            }
        }
    }

    private TokenAnswer Take(CacheEntry entry, in Decision decision)
    {
        Start(entry, decision);
        return decision.Answer!;
    }

    private async Task<TokenAnswer> WaitAsync(
        TokenRequest request, CacheEntry entry, Decision decision, CancellationToken cancellationToken)
    {
        long began = _time.GetTimestamp();
        TokenAnswer.Failed? failed = null;
        for (bool isFirst = true; ; isFirst = false)
        {
            TimeSpan left = Patience - _time.GetElapsedTime(began);
            switch (decision.What)
            {
                case Decision.Kind.Answer:
                    return Take(entry, decision);

                case Decision.Kind.Wait:
                    if (decision.Pause > left || !await PauseAsync(decision.Pause, cancellationToken))
                    {
                        return decision.Answer!;
                    }

                    break;

                default:
                    Start(entry, decision);
                    // The first fetch has a limit of its own.
                    TimeSpan limit = isFirst ? Timeout.InfiniteTimeSpan : left;
                    if (!await JoinAsync(entry, decision.Fetch!, limit, cancellationToken))
                    {
                        return failed ?? new TokenAnswer.Failed(PendingFetch.NoAnswerInTime(entry.Key));
                    }

                    TokenAnswer answer = entry.Collect(request.Policy, _clock.Now());
                    failed = answer as TokenAnswer.Failed;
                    if (failed is null || !FetchFailure.IsWorthWaiting(failed.Problem.Kind, hasTried: true))
                    {
                        return answer;
                    }

                    break;
            }

            (entry, decision) = Decide(request, hasTried: failed is not null);
        }
    }

    /// <summary>False when the cache goes away meanwhile.</summary>
    private async Task<bool> PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping, cancellationToken);
        // A part of a millisecond is no delay to a timer.
        TimeSpan whole = TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds));
        Interlocked.Increment(ref _pausing);
        await Task.Delay(whole, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref _pausing);
        cancellationToken.ThrowIfCancellationRequested();
        return !_stopping.IsCancellationRequested;
    }

    /// <summary>Waits for a fetch. False, and the place in the queue given back, when the limit comes first.</summary>
    private async Task<bool> JoinAsync(CacheEntry entry, PendingFetch fetch, TimeSpan limit, CancellationToken cancellationToken)
    {
        TimeSpan atLeast = limit > TimeSpan.Zero || limit == Timeout.InfiniteTimeSpan ? limit : TimeSpan.Zero;
        await ((Task)fetch.Completed.WaitAsync(atLeast, _time, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (fetch.Completed.IsCompleted)
        {
            return true;
        }

        entry.StopWaiting();
        cancellationToken.ThrowIfCancellationRequested();
        return false;
    }

    private void Start(CacheEntry entry, in Decision decision)
    {
        if (decision.MustRun)
        {
            _ = WatchAsync(RunAsync(entry, decision.Fetch!));
        }
    }

    private async Task RunAsync(CacheEntry entry, PendingFetch fetch)
    {
        FetchOutcome outcome = await PendingFetch.RunAsync(fetch.Source, _time, Report, _stopping);
        Problem? problem = null;
        try
        {
            problem = entry.Complete(fetch, outcome, _clock.Now());
            MakeRoom(coming: 0);
        }
        finally
        {
            // Whatever happens, nobody waits for ever.
            fetch.Complete(problem);
        }
    }

    private async Task RenewAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        if (!entry.IsCurrent())
        {
            Drop(entry);
        }
        else if (entry.BeginBehind(_clock.Now()) is { } fetch)
        {
            await RunAsync(entry, fetch).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends with the work and never throws; a fault in it is reported.</summary>
    private async Task WatchAsync(Task work)
    {
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (work.Exception?.InnerException is { } fault)
        {
            Report(fault);
        }
    }

    private async Task<TokenAnswer> FetchForOneAsync(ITokenSource source, CancellationToken cancellationToken)
    {
        // Nobody shares this fetch, so that it may end with the one who waits for it.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping, cancellationToken);
        switch (await PendingFetch.RunAsync(source, _time, Report, either.Token))
        {
            case FetchOutcome.Fetched(var token):
                using (token)
                {
                    return new TokenAnswer.Token(token.Username, token.Secret, token.ExpiresAt, warning: null);
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
        TokenAnswer answer = await FetchForOneAsync(source, cancellationToken);
        (answer as TokenAnswer.Token)?.Dispose();
        return (answer as TokenAnswer.Failed)?.Problem;
    }

    private CacheEntry? Find(TokenKey key) => _entries.GetValueOrDefault(key);

    private CacheEntry[] All() => [.. _entries.Select(pair => pair.Value)];

    private CacheEntry FindOrAdd(TokenKey key)
    {
        if (!_entries.TryGetValue(key, out CacheEntry? entry))
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (!_entries.TryGetValue(key, out entry))
                {
                    MakeRoom(coming: 1);
                    entry = new CacheEntry(key, _clock, _jitter);
                    _entries[key] = entry;
                }
            }
        }

        entry.UsedAt = Interlocked.Increment(ref _uses);
        return entry;
    }

    private void Drop(CacheEntry entry)
    {
        lock (_gate)
        {
            TryDrop_NeedsLock(entry);
        }
    }

    private bool TryDrop_NeedsLock(CacheEntry entry) =>
        entry.TryRetire() && _entries.TryRemove(KeyValuePair.Create(entry.Key, entry));

    /// <summary>
    /// Drops the entries used longest ago until <paramref name="coming"/> fit in. An entry whose fetch is on its way stays until
    /// that is complete, so that there is one entry, and one fetch, for a key at any time.
    /// </summary>
    private void MakeRoom(int coming)
    {
        if (_entries.Count + coming <= _capacity)
        {
            return;
        }

        lock (_gate)
        {
            int tooMany = _entries.Count + coming - _capacity;
            int leaving = tooMany > 0 ? Math.Max(tooMany, coming * _capacity / RoomShare) : 0;
            foreach (CacheEntry entry in All().OrderBy(entry => entry.UsedAt))
            {
                if (leaving <= 0)
                {
                    break;
                }

                leaving -= TryDrop_NeedsLock(entry) ? 1 : 0;
            }
        }
    }
}
