using System.Globalization;
using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>
/// One key, for any number of threads: the token and its life or why there is none, how the last fetch failed, the one fetch on its
/// way and who waits for it. Every rule on what may be handed out and when to fetch again is here. It makes no call and waits for
/// nothing; it decides what has to be done, and <see cref="TokenCache"/> does it. Every secret is copied and wiped under its lock.
/// </summary>
internal sealed class CacheEntry(TokenKey key, AgeClock clock, Func<double> jitter)
{
    /// <summary>How long after its last use a key is still kept fresh.</summary>
    public static readonly TimeSpan Interest = TimeSpan.FromHours(24);

    /// <summary>How many hosts of a key are remembered, for status.</summary>
    public const int MaxHosts = 32;

    // An erased token is replaced at once, and then not again so soon: a loop of erase and get must not reach AWS's limits.
    private static readonly TimeSpan BetweenErasedFetches = TimeSpan.FromSeconds(10);

    // Sources of one key fetch alike, and the newest knows best whether it is current.
    private static readonly TimeSpan BetweenSources = TimeSpan.FromMinutes(1);

    private static readonly Problem RanOut = new(
        ProblemKind.BadAnswer,
        "the token ran out while it was being handed out",
        "run the command again; if this stays, set this machine's clock");

    private readonly Lock _lock = new();
    private readonly List<ServedHost> _hosts = new(1);
    private AuthorizationToken? _token;
    private TokenLife _life;
    private FetchFailure? _failure;
    private FetchReason _whyNone = FetchReason.FirstUse;
    private TimeSpan? _erasedFetchAt;
    private PendingFetch? _pending;
    private int _waiters;
    private bool _isRetired;
    private ITokenSource? _source;
    private TimeSpan _sourceSince;
    private RefreshPolicy _policy = RefreshPolicy.Default;
    private string _identity = "";
    private TimeSpan _lastUse;
    private FetchReason _lastReason = FetchReason.FirstUse;
    private long _fetches;

    public TokenKey Key => key;

    /// <summary>Its place in the order of use, by which the cache makes room. The cache sets it, without the entry's lock.</summary>
    public long UsedAt { get; set => Volatile.Write(ref field, value); }

    /// <summary>Ends when the fetch on its way is complete; at once when there is none.</summary>
    public Task Completed
    {
        get
        {
            lock (_lock)
            {
                return _pending?.Completed ?? Task.CompletedTask;
            }
        }
    }

    /// <param name="request">Who asks.</param>
    /// <param name="now">The time.</param>
    /// <param name="hasTried">Whether a fetch has failed while this request waited for it.</param>
    public Decision Ask(in TokenRequest request, ClockReading now, bool hasTried)
    {
        lock (_lock)
        {
            if (_isRetired)
            {
                return Decision.FindAgain;
            }

            ServedHost host = Note_NeedsLock(request, now);
            if (request.IsForced)
            {
                return Join_NeedsLock(FetchReason.Forced, request, now);
            }

            DropIfClockWentBack_NeedsLock(now);
            RefreshPolicy policy = request.Policy;
            bool isGood = IsGood_NeedsLock(now, policy);
            TimeSpan pause = PauseFor_NeedsLock(now, policy);
            if (!isGood && (_pending is not null || pause <= TimeSpan.Zero))
            {
                return Join_NeedsLock(ReasonToFetch_NeedsLock, request, now);
            }

            TokenAnswer answer = Answer_NeedsLock(now, policy);
            if (answer is TokenAnswer.Failed)
            {
                bool waits = !isGood && (_failure is null || FetchFailure.IsWorthWaiting(_failure.Problem.Kind, hasTried));
                return waits ? Decision.Wait(pause, answer) : Decision.AnswerWith(answer, behind: null);
            }

            host.Hits++;
            bool refresh = _pending is null && pause <= TimeSpan.Zero && _life.RefreshIn(now, policy) <= TimeSpan.Zero;
            return Decision.AnswerWith(answer, refresh ? Begin_NeedsLock(FetchReason.Proactive, request.Source, policy, now) : null);
        }
    }

    /// <summary>Gives back a place in the queue for what the fetch has brought.</summary>
    public TokenAnswer Collect(RefreshPolicy policy, ClockReading now)
    {
        lock (_lock)
        {
            TokenAnswer answer = Answer_NeedsLock(now, policy);
            StopWaiting_NeedsLock();
            return answer;
        }
    }

    /// <summary>Gives back a place in the queue and wants no answer.</summary>
    public void StopWaiting()
    {
        lock (_lock)
        {
            StopWaiting_NeedsLock();
        }
    }

    /// <summary>Ends a fetch that this entry began. Null when a new token is stored, else why not; the old one stays.</summary>
    public Problem? Complete(PendingFetch fetch, FetchOutcome outcome, ClockReading now)
    {
        lock (_lock)
        {
            _pending = null;
            Problem? problem = outcome switch
            {
                FetchOutcome.Fetched fetched => Store_NeedsLock(fetched.Token, fetch, now),
                FetchOutcome.Failed failed => failed.Problem,
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            _failure = problem is null ? null : new FetchFailure(problem, (_failure?.InARow ?? 0) + 1, now, fetch.Jitter);
            WipeIfDone_NeedsLock();
            return problem;
        }
    }

    /// <summary>A client says that the token is no good.</summary>
    public void Erase()
    {
        lock (_lock)
        {
            if (_token is not null)
            {
                Drop_NeedsLock(FetchReason.Erased);
            }
        }
    }

    /// <summary>What was known, good or bad, counts no more: it was changed where it comes from.</summary>
    public void Invalidate()
    {
        lock (_lock)
        {
            Drop_NeedsLock(FetchReason.Erased);
            (_failure, _erasedFetchAt) = (null, null);
        }
    }

    /// <summary>What failed for want of a login may be tried at once.</summary>
    public void SignedIn()
    {
        lock (_lock)
        {
            if (_failure is { Problem.Kind: ProblemKind.LoginRequired or ProblemKind.MfaRequired or ProblemKind.CredentialsRejected })
            {
                _failure = null;
            }
        }
    }

    /// <summary>How long until the loop has something to do here; null while only a request can change that.</summary>
    public TimeSpan? RefreshIn(ClockReading now)
    {
        lock (_lock)
        {
            return RefreshIn_NeedsLock(now);
        }
    }

    /// <summary>False when the kept source says that it would answer nobody any more. Looks at files, outside of the lock.</summary>
    public bool IsCurrent()
    {
        ITokenSource? source;
        lock (_lock)
        {
            source = _source;
        }

        return source?.IsCurrent ?? true;
    }

    /// <summary>Begins a fetch on the loop's behalf, if it is still due.</summary>
    public PendingFetch? BeginBehind(ClockReading now)
    {
        lock (_lock)
        {
            return _source is { } source && RefreshIn_NeedsLock(now) <= TimeSpan.Zero
                ? Begin_NeedsLock(IsGood_NeedsLock(now, _policy) ? FetchReason.Proactive : ReasonToFetch_NeedsLock, source, _policy, now)
                : null;
        }
    }

    /// <summary>Whether nobody has asked for a day and nothing in it is worth keeping.</summary>
    public bool IsAbandoned(ClockReading now)
    {
        lock (_lock)
        {
            return now.Age - _lastUse > Interest && _pending is null && !IsAboveFloor_NeedsLock(now, _policy);
        }
    }

    /// <summary>
    /// Takes the entry out of use. The secret is wiped as soon as those who already wait have their copies. False, and no change,
    /// while a fetch is on its way: it would have nowhere to go, and its successor would be a second one for the same key.
    /// </summary>
    public bool TryRetire()
    {
        lock (_lock)
        {
            if (_pending is not null)
            {
                return false;
            }

            Close_NeedsLock();
            return true;
        }
    }

    /// <summary>As <see cref="TryRetire"/>, at the end of the cache: what a fetch on its way still brings is wiped when it comes.</summary>
    public void Close()
    {
        lock (_lock)
        {
            Close_NeedsLock();
        }
    }

    public IReadOnlyList<TokenStatus> Describe(ClockReading now)
    {
        lock (_lock)
        {
            TokenState state =
                _pending is not null ? TokenState.Refreshing
                : _failure is not null ? TokenState.Failing
                : !IsGood_NeedsLock(now, _policy) ? TokenState.Expired
                : _life.RefreshIn(now, _policy) <= TimeSpan.Zero ? TokenState.Refreshing
                : TokenState.Fresh;
            return
            [
                .. _hosts.Select(host => new TokenStatus
                {
                    Host = host.Host,
                    Organization = host.Organization,
                    Key = key,
                    Identity = _identity,
                    Username = _token?.Username,
                    Account = _token?.Account,
                    State = state,
                    ExpiresAt = _token is null ? null : _life.ExpiresAt,
                    RefreshAt = _failure?.NextTryAt ?? (_token is null ? null : _life.RefreshAt),
                    LastFetchReason = _lastReason,
                    LastError = _failure?.Problem,
                    Fetches = _fetches,
                    Hits = host.Hits,
                }),
            ];
        }
    }

    private FetchReason ReasonToFetch_NeedsLock => _token is null ? _whyNone : FetchReason.Expired;

    /// <summary>Whether the token can be handed out with no further fetch.</summary>
    private bool IsGood_NeedsLock(ClockReading now, RefreshPolicy policy) => _token is not null && _life.IsGood(now, policy);

    /// <summary>Whether the token can be handed out when there is no better.</summary>
    private bool IsAboveFloor_NeedsLock(ClockReading now, RefreshPolicy policy) => _token is not null && _life.IsAboveFloor(now, policy);

    /// <summary>How long until a request may fetch: not straight after a success, nor in the pause after a failure.</summary>
    private TimeSpan PauseFor_NeedsLock(ClockReading now, RefreshPolicy policy)
    {
        TimeSpan pause = _token is not null ? _life.YoungFor(now) : TimeSpan.Zero;
        return _failure is not null
            ? Later(pause, _failure.CoolFor(now, callerIsBlocked: !IsAboveFloor_NeedsLock(now, policy)))
            : _token is null && _whyNone == FetchReason.Erased && _erasedFetchAt is { } at ? BetweenErasedFetches - (now.Age - at) : pause;
    }

    private TimeSpan? RefreshIn_NeedsLock(ClockReading now)
    {
        if (_source is null || _pending is not null || _isRetired || now.Age - _lastUse > Interest || (_token is null && _failure is null))
        {
            return null;
        }

        // Nothing to lose, and a person or the network has to mend it: trying on would help nobody, and the next request notices.
        if (_failure is { EndsByItself: false } && !IsAboveFloor_NeedsLock(now, _policy))
        {
            return null;
        }

        TimeSpan wait = _token is null ? TimeSpan.Zero : Later(_life.RefreshIn(now, _policy), _life.YoungFor(now));
        return _failure is null ? wait : Later(wait, _failure.CoolFor(now, callerIsBlocked: false));
    }

    /// <summary>The best that can be handed out without a fetch: the token, the token with a warning, or the problem.</summary>
    private TokenAnswer Answer_NeedsLock(ClockReading now, RefreshPolicy policy)
    {
        if (_token is null || !_life.IsAboveFloor(now, policy))
        {
            return new TokenAnswer.Failed(_failure?.Problem ?? (_whyNone == FetchReason.Erased ? Erased(key) : RanOut));
        }

        TimeSpan left = _life.Remaining(now);
        string? warning = left < policy.MinRemaining ? LittleLeft(key, left, _failure?.Problem) : null;

        // The last look, on purpose apart from every decision above and on a new reading of the clocks: whatever is wrong or late
        // up there, no secret passes this line past its bounds.
        return _life.IsAboveFloor(clock.Now(), policy)
            ? new TokenAnswer.Token(_token.Username, _token.Secret, _life.ExpiresAt, warning)
            : new TokenAnswer.Failed(RanOut);
    }

    private Problem? Store_NeedsLock(AuthorizationToken token, PendingFetch fetch, ClockReading now)
    {
        var life = new TokenLife(fetch.Began, now, token.ExpiresAt, fetch.Policy, fetch.Jitter);
        if (!life.IsAboveFloor(now, fetch.Policy))
        {
            token.Dispose();
            return TooLittleLife(key, token.ExpiresAt, now.Wall);
        }

        _token?.Dispose();
        (_token, _life) = (token, life);
        return null;
    }

    private void DropIfClockWentBack_NeedsLock(ClockReading now)
    {
        if (_token is not null && _life.ClockWentBack(now))
        {
            Drop_NeedsLock(FetchReason.ClockJump);
        }
    }

    private void Drop_NeedsLock(FetchReason why)
    {
        _token?.Dispose();
        (_token, _whyNone) = (null, why);
    }

    private ServedHost Note_NeedsLock(in TokenRequest request, ClockReading now)
    {
        (ITokenSource source, RefreshPolicy policy, string host, string? organization, _) = request;
        _lastUse = now.Age;
        // What is equal is not exchanged, so that what a request brought with it does not outlive it for nothing.
        _policy = _policy == policy ? _policy : policy;
        _identity = _identity == source.Identity ? _identity : source.Identity;
        KeepSource_NeedsLock(source, now);
        foreach (ServedHost known in _hosts)
        {
            if (known.Host == host && known.Organization == organization)
            {
                return known;
            }
        }

        if (_hosts.Count == MaxHosts)
        {
            _hosts.RemoveAt(0);
        }

        var added = new ServedHost(host, organization);
        _hosts.Add(added);
        return added;
    }

    private void KeepSource_NeedsLock(ITokenSource source, ClockReading now)
    {
        // Keys that a caller supplied for one request go with it; only a source that may be asked at any time is kept.
        if (!source.OutlivesRequest)
        {
            _source = null;
        }
        else if (_source is null || now.Age - _sourceSince >= BetweenSources)
        {
            (_source, _sourceSince) = (source.ForKeeping(), now.Age);
        }
    }

    private Decision Join_NeedsLock(FetchReason reason, in TokenRequest request, ClockReading now)
    {
        bool begins = _pending is null;
        PendingFetch fetch = _pending ?? Begin_NeedsLock(reason, request.Source, request.Policy, now);
        _waiters++;
        return Decision.Join(fetch, mustRun: begins);
    }

    private PendingFetch Begin_NeedsLock(FetchReason reason, ITokenSource source, RefreshPolicy policy, ClockReading now)
    {
        _pending = new PendingFetch(source, policy, now, jitter());
        _lastReason = reason;
        _erasedFetchAt = reason == FetchReason.Erased ? now.Age : _erasedFetchAt;
        _fetches++;
        return _pending;
    }

    private void StopWaiting_NeedsLock()
    {
        _waiters--;
        WipeIfDone_NeedsLock();
    }

    private void Close_NeedsLock()
    {
        _isRetired = true;
        WipeIfDone_NeedsLock();
    }

    private void WipeIfDone_NeedsLock()
    {
        if (_isRetired && _waiters == 0)
        {
            Drop_NeedsLock(_whyNone);
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static Problem Erased(TokenKey key) => new(
        ProblemKind.BadAnswer,
        $"the token from {key.Place} was erased again and again, and the next one may not be fetched yet",
        $"run the command again in {BetweenErasedFetches.TotalSeconds:0} seconds");

    private static Problem TooLittleLife(TokenKey key, DateTimeOffset expiresAt, DateTimeOffset wall) => new(
        ProblemKind.BadAnswer,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{key.Place} issued a token that ends at {expiresAt:u}, and this machine's clock says {wall:u}"),
        "set this machine's clock");

    private static string LittleLeft(TokenKey key, TimeSpan left, Problem? problem)
    {
        string remains = left < TimeSpan.FromMinutes(2) ? $"{(int)left.TotalSeconds} seconds" : $"{(int)left.TotalMinutes} minutes";
        return problem is null
            ? $"the token from {key.Place} has only {remains} left"
            : $"the token has only {remains} left and could not be renewed: {problem.Message}";
    }

    /// <summary>One host that the key has served, and how often without a wait.</summary>
    private sealed class ServedHost(string host, string? organization)
    {
        public string Host => host;

        public string? Organization => organization;

        public long Hits { get; set; }
    }
}
