using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>
/// One key: its token, its last failure, its fetch in flight, and the rules between them. It makes no call and waits for nothing;
/// it says what has to be done, and <see cref="TokenCache"/> does it. Every secret is copied and wiped under its lock.
/// </summary>
internal sealed class TokenSlot(TokenKey key, AgeClock clock, Func<double> jitter)
{
    /// <summary>How long after its last use a key is still kept fresh.</summary>
    public static readonly TimeSpan Interest = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private readonly ServedHosts _hosts = new();
    private AuthorizationToken? _token;
    private TokenLife _life;
    private Failure? _failure;
    private Flight? _flight;
    private FetchReason _whyNone = FetchReason.FirstUse;
    private FetchReason _lastReason = FetchReason.FirstUse;
    private ITokenSource? _source;
    private RefreshPolicy _policy = RefreshPolicy.Default;
    private string _identity = "";
    private TimeSpan _lastUse;
    private long _fetches;
    private int _waiters;
    private bool _retired;

    public TokenKey Key => key;

    /// <summary>Whether the cache's bounded part holds it. Guarded by the cache's gate, not by the slot's lock.</summary>
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
            DropIfClockWentBack_NeedsLock(now);
            RefreshPolicy policy = use.Policy;
            if (_token is not null && _life.IsGood(now, policy))
            {
                bool refresh = _life.RefreshIn(now, policy) <= TimeSpan.Zero && MayFetch_NeedsLock(now, callerIsBlocked: false);
                return Hit_NeedsLock(host, policy, now, refresh ? Begin_NeedsLock(FetchReason.Proactive, use, now) : null);
            }

            bool blocked = _token is null || !_life.IsAboveFloor(now, policy);
            if (_flight is null && !MayFetch_NeedsLock(now, blocked))
            {
                return Hit_NeedsLock(host, policy, now, behind: null);
            }

            return Join_NeedsLock(_token is null ? _whyNone : FetchReason.Expired, use, now);
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
            TokenAnswer answer = Answer_NeedsLock(policy, now);
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

    /// <summary>The end of a fetch that this slot handed out.</summary>
    public void Land(Departure departure, FetchOutcome outcome, Moment now)
    {
        Problem? problem;
        lock (_lock)
        {
            problem = outcome switch
            {
                FetchOutcome.Fetched fetched => Store_NeedsLock(departure, fetched.Token, now),
                FetchOutcome.Failed failed => failed.Problem,
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            _failure = problem is null ? null : new Failure(problem, (_failure?.InARow ?? 0) + 1, now, departure.Flight.Jitter);
            _flight = null;
            WipeIfDone_NeedsLock();
        }

        departure.Flight.Land(problem);
    }

    /// <summary>A client says that the token is no good. One that has only just been fetched stays: another would be no better.</summary>
    public void Forget(Moment now)
    {
        lock (_lock)
        {
            if (_token is not null && !_life.IsYoung(now))
            {
                Drop_NeedsLock(FetchReason.Erased);
            }
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

    /// <summary>Takes off on the loop's behalf, if it is still due.</summary>
    public Departure? BeginBehind(Moment now)
    {
        lock (_lock)
        {
            return _source is { } source && RefreshIn_NeedsLock(now) <= TimeSpan.Zero
                ? Begin_NeedsLock(_token is null ? _whyNone : FetchReason.Proactive, source, _policy, now)
                : null;
        }
    }

    /// <summary>Whether nobody has asked for a day and nothing in it is worth keeping.</summary>
    public bool IsAbandoned(Moment now)
    {
        lock (_lock)
        {
            return now.Age - _lastUse > Interest && _flight is null && !(_token is not null && _life.IsAboveFloor(now, _policy));
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

            _retired = true;
            WipeIfDone_NeedsLock();
            return true;
        }
    }

    /// <summary>As <see cref="Retire"/>, at the end of the cache: a fetch that still lands is wiped then.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _retired = true;
            WipeIfDone_NeedsLock();
        }
    }

    public IReadOnlyList<TokenStatus> Describe(Moment now)
    {
        lock (_lock)
        {
            TokenState state =
                _flight is not null ? TokenState.Refreshing
                : _failure is not null ? TokenState.Failing
                : _token is null || !_life.IsGood(now, _policy) ? TokenState.Expired
                : _life.RefreshIn(now, _policy) <= TimeSpan.Zero ? TokenState.Refreshing
                : TokenState.Fresh;
            return
            [
                .. _hosts.All.Select(host => new TokenStatus
                {
                    Host = host.Host,
                    Organization = host.Organization,
                    Key = key,
                    Identity = _identity,
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

    private ServedHost Note_NeedsLock(TokenUse use, Moment now)
    {
        _lastUse = now.Age;
        _policy = use.Policy;
        _identity = use.Source.Identity;
        // Keys that a caller lent for one request go with it; only a source that may be asked at any time is kept.
        _source = use.Source.OutlivesRequest ? use.Source : null;
        return _hosts.Note(use.Host, use.Organization);
    }

    private bool MayFetch_NeedsLock(Moment now, bool callerIsBlocked) =>
        _flight is null
        && !(_token is not null && _life.IsYoung(now))
        && !(_failure?.CoolFor(now, callerIsBlocked) > TimeSpan.Zero);

    private TimeSpan? RefreshIn_NeedsLock(Moment now)
    {
        if (_source is null || _flight is not null || _retired || now.Age - _lastUse > Interest)
        {
            return null;
        }

        bool holds = _token is not null && _life.IsAboveFloor(now, _policy);
        bool requestMustCome = _failure is { } failure ? !holds && failure.IsRepairedLocally : _token is null;
        if (requestMustCome)
        {
            return null;
        }

        TimeSpan wait = _token is null ? TimeSpan.Zero : Later(_life.RefreshIn(now, _policy), _life.YoungFor(now));
        return _failure is null ? wait : Later(wait, _failure.CoolFor(now, callerIsBlocked: false));
    }

    private Step.Answered Hit_NeedsLock(ServedHost host, RefreshPolicy policy, Moment now, Departure? behind)
    {
        TokenAnswer answer = Answer_NeedsLock(policy, now);
        host.Hits += answer is TokenAnswer.Token ? 1 : 0;
        return new Step.Answered(answer, behind);
    }

    private Step.Waiting Join_NeedsLock(FetchReason reason, TokenUse use, Moment now)
    {
        Departure? start = _flight is null ? Begin_NeedsLock(reason, use, now) : null;
        _waiters++;
        return new Step.Waiting(_flight!, start);
    }

    private Departure Begin_NeedsLock(FetchReason reason, TokenUse use, Moment now) => Begin_NeedsLock(reason, use.Source, use.Policy, now);

    private Departure Begin_NeedsLock(FetchReason reason, ITokenSource source, RefreshPolicy policy, Moment now)
    {
        _flight = new Flight(now, jitter());
        _lastReason = reason;
        _fetches++;
        return new Departure(_flight, source, policy);
    }

    private Problem? Store_NeedsLock(Departure departure, AuthorizationToken token, Moment now)
    {
        var life = new TokenLife(departure.Flight.Asked, now, token.ExpiresAt, departure.Policy, departure.Flight.Jitter);
        if (!life.IsAboveFloor(now, departure.Policy))
        {
            token.Dispose();
            return TokenTexts.TooLittleLife(key, token.ExpiresAt, now.Wall);
        }

        _token?.Dispose();
        (_token, _life) = (token, life);
        return null;
    }

    private TokenAnswer Answer_NeedsLock(RefreshPolicy policy, Moment now)
    {
        if (_token is null || !_life.IsAboveFloor(now, policy))
        {
            return new TokenAnswer.Failed(_failure?.Problem ?? TokenTexts.RanOut);
        }

        TimeSpan left = _life.Remaining(now);
        return CopyOut_NeedsLock(_token, policy, left < policy.MinRemaining ? TokenTexts.LittleLeft(key, left, _failure?.Problem) : null);
    }

    private TokenAnswer CopyOut_NeedsLock(AuthorizationToken token, RefreshPolicy policy, string? warning)
    {
        // The last look, on purpose apart from every decision above and on a new reading of the clocks: whatever is wrong or late
        // up there, no secret passes this line past its bounds.
        return _life.IsAboveFloor(clock.Now(), policy)
            ? new TokenAnswer.Token(token.Username, token.Secret.ToArray(), _life.ExpiresAt, warning)
            : new TokenAnswer.Failed(TokenTexts.RanOut);
    }

    private void DropIfClockWentBack_NeedsLock(Moment now)
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

    private void Leave_NeedsLock()
    {
        _waiters--;
        WipeIfDone_NeedsLock();
    }

    private void WipeIfDone_NeedsLock()
    {
        if (_retired && _waiters == 0)
        {
            _token?.Dispose();
            _token = null;
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
