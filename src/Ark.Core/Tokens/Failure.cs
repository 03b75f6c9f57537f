using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>The last fetch of a key failed: why, and until when no other is tried.</summary>
internal sealed class Failure
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestWhenThrottled = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    // How long a caller without a usable token may go on hearing of a problem that has been repaired meanwhile.
    private static readonly TimeSpan LongestAfterRepair = TimeSpan.FromSeconds(5);

    private readonly Moment _at;
    private readonly TimeSpan _pause;

    /// <param name="problem">Why it failed.</param>
    /// <param name="inARow">How many fetches failed in a row, this one included.</param>
    /// <param name="at">When it failed.</param>
    /// <param name="jitter">In [0,1): where between the shortest and the longest pause of this step the next try falls.</param>
    public Failure(Problem problem, int inARow, Moment at, double jitter)
    {
        Problem = problem;
        InARow = inARow;
        _at = at;
        TimeSpan least = problem.Kind is ProblemKind.Throttled ? ShortestWhenThrottled : Shortest;
        // Twice the least keeps the first pause from being the same for everybody who was refused at the same moment.
        double most = Math.Clamp(Math.Pow(2, inARow), 2 * least.TotalSeconds, Longest.TotalSeconds);
        _pause = least + ((TimeSpan.FromSeconds(most) - least) * jitter);
    }

    public Problem Problem { get; }

    public int InARow { get; }

    /// <summary>When the next try may come, on the wall clock that was in force when it failed.</summary>
    public DateTimeOffset NextTryAt => _at.Wall + _pause;

    /// <summary>
    /// Whether the cause goes away by something that happens here, which trying again soon is the way to notice: a login, an edited
    /// profile, the network, the clock, a captive portal left.
    /// </summary>
    public bool IsRepairedLocally => Problem.Kind switch
    {
        ProblemKind.NoCredentials or ProblemKind.ProfileNotFound or ProblemKind.BadSetting or ProblemKind.LoginRequired
            or ProblemKind.AccessDenied or ProblemKind.CredentialsRejected or ProblemKind.BadConfiguration or ProblemKind.Ambiguous
            or ProblemKind.Unreachable or ProblemKind.BadAnswer or ProblemKind.NotStored or ProblemKind.Loop => true,
        ProblemKind.Throttled or ProblemKind.ServiceFailure or ProblemKind.Internal
            or ProblemKind.RepositoryNotFound or ProblemKind.RepositoryExists or ProblemKind.RepositoryRefused => false,
    };

    /// <summary>How long until the next try; not positive when it may come now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="callerIsBlocked">Whether somebody waits who has no usable token to go on with.</param>
    public TimeSpan CoolFor(Moment now, bool callerIsBlocked)
    {
        TimeSpan pause = callerIsBlocked && IsRepairedLocally && _pause > LongestAfterRepair ? LongestAfterRepair : _pause;
        return pause - (now.Age - _at.Age);
    }
}
