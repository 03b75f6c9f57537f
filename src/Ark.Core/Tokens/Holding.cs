using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>
/// What is in hand for one key: the token and its life, or why there is none, and how the last fetch failed. Every rule on what may
/// be handed out and when to fetch again is here, without a thought for threads: <see cref="TokenSlot"/> keeps it under its lock.
/// </summary>
internal sealed class Holding(TokenKey key, AgeClock clock)
{
    private AuthorizationToken? _token;
    private TokenLife _life;
    private Failure? _failure;
    private FetchReason _whyNone = FetchReason.FirstUse;

    public FetchReason ReasonToFetch => _token is null ? _whyNone : FetchReason.Expired;

    public Problem? LastError => _failure?.Problem;

    public string? Username => _token?.Username;

    public DateTimeOffset? ExpiresAt => _token is null ? null : _life.ExpiresAt;

    public DateTimeOffset? RefreshAt => _failure?.NextTryAt ?? (_token is null ? null : _life.RefreshAt);

    /// <summary>Whether the token can be handed out with no further fetch.</summary>
    public bool IsGood(Moment now, RefreshPolicy policy) => _token is not null && _life.IsGood(now, policy);

    /// <summary>Whether the token can be handed out when there is no better.</summary>
    public bool IsAboveFloor(Moment now, RefreshPolicy policy) => _token is not null && _life.IsAboveFloor(now, policy);

    public bool IsRefreshDue(Moment now, RefreshPolicy policy) => _token is not null && _life.RefreshIn(now, policy) <= TimeSpan.Zero;

    /// <summary>Whether a request may fetch now: not straight after a fetch that succeeded, nor in the pause after one that failed.</summary>
    public bool MayFetch(Moment now, RefreshPolicy policy) =>
        !IsYoung(now) && !(_failure?.CoolFor(now, callerIsBlocked: !IsAboveFloor(now, policy)) > TimeSpan.Zero);

    /// <summary>How long until a fetch is worth making with nobody asking, or null when it is not.</summary>
    public TimeSpan? RefreshIn(Moment now, RefreshPolicy policy)
    {
        if (_token is null && _failure is null)
        {
            return null;
        }

        // Nothing to lose, and only a person can mend it: trying on by ourselves would help nobody, and the next request notices.
        if (_failure is { IsRepairedLocally: true } && !IsAboveFloor(now, policy))
        {
            return null;
        }

        TimeSpan wait = _token is null ? TimeSpan.Zero : Later(_life.RefreshIn(now, policy), _life.YoungFor(now));
        return _failure is null ? wait : Later(wait, _failure.CoolFor(now, callerIsBlocked: false));
    }

    /// <summary>Takes what a fetch brought. Null when a new token is in hand; else why not, and a token from before stays.</summary>
    public Problem? Take(FetchOutcome outcome, Departure departure, Moment now)
    {
        Problem? problem = outcome switch
        {
            FetchOutcome.Fetched fetched => Store(fetched.Token, departure, now),
            FetchOutcome.Failed failed => failed.Problem,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        _failure = problem is null ? null : new Failure(problem, (_failure?.InARow ?? 0) + 1, now, departure.Flight.Jitter);
        return problem;
    }

    /// <summary>The best that can be handed out without a fetch: the token, the token with a warning, or the problem.</summary>
    public TokenAnswer Answer(Moment now, RefreshPolicy policy)
    {
        if (_token is null || !_life.IsAboveFloor(now, policy))
        {
            return new TokenAnswer.Failed(LastError ?? TokenTexts.RanOut);
        }

        TimeSpan left = _life.Remaining(now);
        return CopyOut(_token, policy, left < policy.MinRemaining ? TokenTexts.LittleLeft(key, left, LastError) : null);
    }

    /// <summary>A client says that the token is no good. One that has only just been fetched stays: another would be no better.</summary>
    public void Forget(Moment now)
    {
        if (_token is not null && !IsYoung(now))
        {
            Drop(FetchReason.Erased);
        }
    }

    /// <summary>What was known, good or bad, counts no more, however young it is: it was changed where it comes from.</summary>
    public void Invalidate()
    {
        Drop(FetchReason.Erased);
        _failure = null;
    }

    public void DropIfClockWentBack(Moment now)
    {
        if (_token is not null && _life.ClockWentBack(now))
        {
            Drop(FetchReason.ClockJump);
        }
    }

    public void Wipe() => Drop(_whyNone);

    private TokenAnswer CopyOut(AuthorizationToken token, RefreshPolicy policy, string? warning)
    {
        // The last look, on purpose apart from every decision above and on a new reading of the clocks: whatever is wrong or late
        // up there, no secret passes this line past its bounds.
        return _life.IsAboveFloor(clock.Now(), policy)
            ? new TokenAnswer.Token(token.Username, token.CopySecret(), _life.ExpiresAt, warning)
            : new TokenAnswer.Failed(TokenTexts.RanOut);
    }

    private Problem? Store(AuthorizationToken token, Departure departure, Moment now)
    {
        var life = new TokenLife(departure.Flight.RequestContext, now, token.ExpiresAt, departure.Policy, departure.Flight.Jitter);
        if (!life.IsAboveFloor(now, departure.Policy))
        {
            token.Dispose();
            return TokenTexts.TooLittleLife(key, token.ExpiresAt, now.Wall);
        }

        _token?.Dispose();
        (_token, _life) = (token, life);
        return null;
    }

    private void Drop(FetchReason why)
    {
        _token?.Dispose();
        (_token, _whyNone) = (null, why);
    }

    private bool IsYoung(Moment now) => _token is not null && _life.YoungFor(now) > TimeSpan.Zero;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
