using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>
/// One key, for any number of threads: what is in hand, the one fetch in flight, who waits for it, and who used it last. It makes
/// no call and waits for nothing; it says what has to be done, and <see cref="TokenCache"/> does it. Every secret is copied and
/// wiped under its lock.
/// </summary>
internal sealed class TokenSlot(TokenKey key, AgeClock clock, Func<double> jitter)
{
    /// <summary>How long after its last use a key is still kept fresh.</summary>
    public static readonly TimeSpan Interest = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private readonly Holding _holding = new(key, clock);
    private readonly ServedHosts _hosts = new();
    private Flight? _flight;
    private int _waiters;
    private bool _retired;
    private ITokenSource? _source;
    private RefreshPolicy _policy = RefreshPolicy.Default;
    private string _identity = "";
    private TimeSpan _lastUse;
    private FetchReason _lastReason = FetchReason.FirstUse;
    private long _fetches;

    public TokenKey Key => key;

    /// <summary>Whether the bounded part of the table holds it. Guarded by the table's gate, not by the slot's lock.</summary>
    public bool IsResident { get; set; }

    /// <summary>Ends when the fetch in flight has landed; at once when there is none.</summary>
    public Task Landed
    {
        get
        {
            lock (_lock)
            {
                return _flight?.Landed ?? Task.CompletedTask;
            }
        }
    }

    public Step Ask(TokenUse use, Moment now)
    {
        lock (_lock)
        {
            if (_retired)
            {
                return Step.Gone.Instance;
            }

            ServedHost host = Note_NeedsLock(use, now);
            _holding.DropIfClockWentBack(now);
            bool mayFetch = _flight is null && _holding.MayFetch(now, use.Policy);
            bool isGood = _holding.IsGood(now, use.Policy);
            if (!isGood && (mayFetch || _flight is not null))
            {
                return Join_NeedsLock(_holding.ReasonToFetch, use, now);
            }

            TokenAnswer answer = _holding.Answer(now, use.Policy);
            host.Hits += answer is TokenAnswer.Token ? 1 : 0;
            bool refresh = mayFetch && _holding.IsRefreshDue(now, use.Policy);
            return new Step.Answered(answer, refresh ? Begin_NeedsLock(FetchReason.Proactive, use.Source, use.Policy, now) : null);
        }
    }

    /// <summary>As <see cref="Ask"/>, but a new token is wanted whatever there is, and no pause after a failure is kept.</summary>
    public Step Force(TokenUse use, Moment now)
    {
        lock (_lock)
        {
            if (_retired)
            {
                return Step.Gone.Instance;
            }

            Note_NeedsLock(use, now);
            return Join_NeedsLock(FetchReason.Forced, use, now);
        }
    }

    /// <summary>Gives back a place in the queue for what the fetch has brought.</summary>
    public TokenAnswer Collect(RefreshPolicy policy, Moment now)
    {
        lock (_lock)
        {
            TokenAnswer answer = _holding.Answer(now, policy);
            Leave_NeedsLock();
            return answer;
        }
    }

    /// <summary>Gives back a place in the queue and wants no answer.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            Leave_NeedsLock();
        }
    }

    /// <summary>The end of a fetch that this slot handed out. Null when a new token is in hand, else why not.</summary>
    public Problem? Land(Departure departure, FetchOutcome outcome, Moment now)
    {
        lock (_lock)
        {
            Problem? problem = _holding.Take(outcome, departure, now);
            _flight = null;
            WipeIfDone_NeedsLock();
            return problem;
        }
    }

    public void Forget(Moment now)
    {
        lock (_lock)
        {
            _holding.Forget(now);
        }
    }

    public void Invalidate()
    {
        lock (_lock)
        {
            _holding.Invalidate();
        }
    }

    /// <summary>How long until the loop has something to do here, not positive for now, or null while only a request can change that.</summary>
    public TimeSpan? RefreshIn(Moment now)
    {
        lock (_lock)
        {
            return RefreshIn_NeedsLock(now);
        }
    }

    /// <summary>False when the source that was kept says that nobody would be answered by it any more. Looks at files, outside of the lock.</summary>
    public bool IsCurrent()
    {
        ITokenSource? source;
        lock (_lock)
        {
            source = _source;
        }

        return source?.IsCurrent ?? true;
    }

    /// <summary>Takes off on the loop's behalf, if it is still due.</summary>
    public Departure? BeginBehind(Moment now)
    {
        lock (_lock)
        {
            return _source is { } source && RefreshIn_NeedsLock(now) <= TimeSpan.Zero
                ? Begin_NeedsLock(_holding.IsGood(now, _policy) ? FetchReason.Proactive : _holding.ReasonToFetch, source, _policy, now)
                : null;
        }
    }

    /// <summary>Whether nobody has asked for a day and nothing in it is worth keeping.</summary>
    public bool IsAbandoned(Moment now)
    {
        lock (_lock)
        {
            return now.Age - _lastUse > Interest && _flight is null && !_holding.IsAboveFloor(now, _policy);
        }
    }

    /// <summary>
    /// Takes the slot out of use. The secret is wiped as soon as those who already wait have their copies. False, and no change,
    /// while a fetch is in flight: it would have nowhere to land, and its successor would be a second one for the same key.
    /// </summary>
    public bool Retire()
    {
        lock (_lock)
        {
            if (_flight is not null)
            {
                return false;
            }

            Close_NeedsLock();
            return true;
        }
    }

    /// <summary>As <see cref="Retire"/>, at the end of the cache: what a fetch in flight still brings is wiped when it lands.</summary>
    public void Close()
    {
        lock (_lock)
        {
            Close_NeedsLock();
        }
    }

    public IReadOnlyList<TokenStatus> Describe(Moment now)
    {
        lock (_lock)
        {
            TokenState state =
                _flight is not null ? TokenState.Refreshing
                : _holding.LastError is not null ? TokenState.Failing
                : !_holding.IsGood(now, _policy) ? TokenState.Expired
                : _holding.IsRefreshDue(now, _policy) ? TokenState.Refreshing
                : TokenState.Fresh;
            return
            [
                .. _hosts.All.Select(host => new TokenStatus
                {
                    Host = host.Host,
                    Organization = host.Organization,
                    Key = key,
                    Identity = _identity,
                    Username = _holding.Username,
                    State = state,
                    ExpiresAt = _holding.ExpiresAt,
                    RefreshAt = _holding.RefreshAt,
                    LastFetchReason = _lastReason,
                    LastError = _holding.LastError,
                    Fetches = _fetches,
                    Hits = host.Hits,
                }),
            ];
        }
    }

    private ServedHost Note_NeedsLock(TokenUse use, Moment now)
    {
        _lastUse = now.Age;
        _policy = use.Policy;
        _identity = use.Source.Identity;
        // Keys that a caller lent for one request go with it; only a source that may be asked at any time is kept.
        _source = use.Source.OutlivesRequest ? use.Source : null;
        return _hosts.Note(use.Host, use.Organization);
    }

    private Step.Waiting Join_NeedsLock(FetchReason reason, TokenUse use, Moment now)
    {
        Departure? start = _flight is null ? Begin_NeedsLock(reason, use.Source, use.Policy, now) : null;
        _waiters++;
        return new Step.Waiting(_flight!, start);
    }

    private Departure Begin_NeedsLock(FetchReason reason, ITokenSource source, RefreshPolicy policy, Moment now)
    {
        _flight = new Flight(now, jitter());
        _lastReason = reason;
        _fetches++;
        return new Departure(_flight, source, policy);
    }

    private TimeSpan? RefreshIn_NeedsLock(Moment now) =>
        _source is null || _flight is not null || _retired || now.Age - _lastUse > Interest ? null : _holding.RefreshIn(now, _policy);

    private void Leave_NeedsLock()
    {
        _waiters--;
        WipeIfDone_NeedsLock();
    }

    private void Close_NeedsLock()
    {
        _retired = true;
        WipeIfDone_NeedsLock();
    }

    private void WipeIfDone_NeedsLock()
    {
        if (_retired && _waiters == 0)
        {
            _holding.Wipe();
        }
    }
}
