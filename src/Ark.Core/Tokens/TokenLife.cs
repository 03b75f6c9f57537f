namespace Ark.Core.Tokens;

/// <summary>The instants in one token's life, computed once when it is stored; every question about it is a comparison.</summary>
internal readonly record struct TokenLife
{
    // ECR's own life. A longer promise is a mistake of somebody's clock, and believing it would keep a dead token.
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(12);

    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    // The span after a fetch in which another one is not worth making, unless a person asks for it: it bounds what a loop of
    // erase and get, or an issuer of very short tokens, can cost.
    private static readonly TimeSpan LongestYouth = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestYouth = TimeSpan.FromSeconds(1);

    private readonly ClockReading _asked;
    private readonly DateTimeOffset _earliestWall;
    private readonly TimeSpan _life;
    private readonly TimeSpan _refreshAfter;
    private readonly bool _isShort;

    /// <param name="asked">When the fetch began: the token is as old as that, and its life is by that moment's wall clock.</param>
    /// <param name="answered">When it ended.</param>
    /// <param name="expiresAt">What the issuer said.</param>
    /// <param name="policy">When to refresh.</param>
    /// <param name="jitter">In [0,1): where in ±10 % the refresh time falls.</param>
    public TokenLife(ClockReading asked, ClockReading answered, DateTimeOffset expiresAt, RefreshPolicy policy, double jitter)
    {
        _asked = asked;
        // If the clock was put back during the fetch, that is no reason to drop what it brought.
        _earliestWall = asked.Wall < answered.Wall ? asked.Wall : answered.Wall;
        TimeSpan said = expiresAt - asked.Wall;
        _life = said < LongestLife ? said : LongestLife;
        TimeSpan refreshAfter = _life * policy.At * (0.9 + (0.2 * jitter));
        _refreshAfter = refreshAfter < _life ? refreshAfter : _life;
        _isShort = Remaining(answered) < policy.MinRemaining;
    }

    /// <summary>When it ends on the wall clock that was in force when it was asked for.</summary>
    public DateTimeOffset ExpiresAt => _asked.Wall + _life;

    /// <summary>When it is due for renewal, on the same clock.</summary>
    public DateTimeOffset RefreshAt => _asked.Wall + _refreshAfter;

    public TimeSpan Remaining(ClockReading now) => _life - Age(now);

    /// <summary>Whether it may be handed out when there is nothing better.</summary>
    public bool IsAboveFloor(ClockReading now, RefreshPolicy policy) =>
        Remaining(now) is var left && left > TimeSpan.Zero && left >= policy.Floor;

    /// <summary>
    /// Whether it may be handed out with no further fetch. Where the issuer gave less than the minimum to begin with, asking again
    /// would give no more, so that the floor is all that can be held to.
    /// </summary>
    public bool IsGood(ClockReading now, RefreshPolicy policy) =>
        IsAboveFloor(now, policy) && (_isShort || Remaining(now) >= policy.MinRemaining);

    public TimeSpan YoungFor(ClockReading now) =>
        TimeSpan.FromTicks(Math.Clamp((_life / 2).Ticks, ShortestYouth.Ticks, LongestYouth.Ticks)) - Age(now);

    /// <summary>How long until renewal, not positive when it is due. However late the share puts it, no caller has to wait.</summary>
    public TimeSpan RefreshIn(ClockReading now, RefreshPolicy policy)
    {
        TimeSpan byShare = _refreshAfter - Age(now);
        TimeSpan byRemaining = Remaining(now) - (_isShort ? policy.Floor : policy.MinRemaining);
        return byShare < byRemaining ? byShare : byRemaining;
    }

    /// <summary>Whether the wall clock reads clearly earlier than when the token was issued, so that it cannot be trusted.</summary>
    public bool ClockWentBack(ClockReading now) => _earliestWall - now.Wall > ClockTolerance;

    private TimeSpan Age(ClockReading now) => now.Age - _asked.Age;
}

/// <summary>When a token is renewed and how little of its life may be left when it is handed out.</summary>
/// <param name="At">Share of the life after which it is renewed, between 0 and 1.</param>
/// <param name="MinRemaining">A token with less left than this is not handed out, unless a fetch was tried and failed.</param>
public sealed record RefreshPolicy(double At, TimeSpan MinRemaining)
{
    /// <summary>Half life, five minutes.</summary>
    public static RefreshPolicy Default { get; } = new(0.5, TimeSpan.FromMinutes(5));

    /// <summary>
    /// Kept to the very end and never renewed ahead: for a secret that does not expire and is only kept for a while. At twice its life,
    /// so that no jitter puts the renewal before the end.
    /// </summary>
    public static RefreshPolicy ToTheEnd { get; } = new(2, TimeSpan.Zero);

    /// <summary>Not kept: fetched anew for everybody who asks.</summary>
    public static RefreshPolicy Unkept { get; } = new(2, TimeSpan.Zero) { IsKept = false };

    /// <summary>Whether one fetch may serve more than the one who asked for it.</summary>
    public bool IsKept { get; private init; } = true;

    /// <summary>What may be left at the very least when a fetch was tried and failed: a fifth of <see cref="MinRemaining"/>.</summary>
    public TimeSpan Floor => MinRemaining / 5;
}
