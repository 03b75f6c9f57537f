using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>The last fetch of a key failed: why, and until when no other is tried.</summary>
internal sealed class FetchFailure
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestWhenThrottled = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    // How long a caller without a usable token may go on hearing of a problem that a person here has repaired meanwhile.
    private static readonly TimeSpan LongestAfterRepair = TimeSpan.FromSeconds(5);

    // While callers wait for AWS to recover. Several tries fit into one caller's patience, and however many callers there are and
    // however long it lasts, a key is asked for about thirteen times a minute.
    private static readonly TimeSpan LongestWhileBlocked = TimeSpan.FromSeconds(8);

    private readonly ClockReading _at;
    private readonly TimeSpan _pause;
    private readonly TimeSpan _pauseWhileBlocked;

    /// <param name="problem">Why it failed.</param>
    /// <param name="inARow">How many fetches failed in a row, this one included.</param>
    /// <param name="at">When it failed.</param>
    /// <param name="jitter">In [0,1): where between the shortest and the longest pause of this step the next try falls.</param>
    public FetchFailure(Problem problem, int inARow, ClockReading at, double jitter)
    {
        Problem = problem;
        InARow = inARow;
        _at = at;
        _pause = Pause(problem.Kind is ProblemKind.Throttled ? ShortestWhenThrottled : Shortest, Longest, inARow, jitter);
        _pauseWhileBlocked = CureOf(problem.Kind) switch
        {
            Cure.Here or Cure.Network => _pause < LongestAfterRepair ? _pause : LongestAfterRepair,
            Cure.Time => Pause(Shortest, LongestWhileBlocked, inARow, jitter),
            Cure.None => _pause,
        };
    }

    /// <summary>What ends a failure.</summary>
    private enum Cure
    {
        /// <summary>Something that a person does here: a login, an edited profile, a clock set right.</summary>
        Here,

        /// <summary>The network is back, by itself or by somebody.</summary>
        Network,

        /// <summary>AWS recovers.</summary>
        Time,

        /// <summary>Nothing that trying again would notice soon.</summary>
        None,
    }

    public Problem Problem { get; }

    public int InARow { get; }

    /// <summary>When the next try may come, on the wall clock that was in force when it failed.</summary>
    public DateTimeOffset NextTryAt => _at.Wall + _pause;

    /// <summary>Whether trying again with nobody asking can help even when there is no token left to lose.</summary>
    public bool EndsByItself => CureOf(Problem.Kind) is Cure.Time or Cure.None;

    /// <summary>
    /// Whether a caller without a usable token does better to wait for the next try than to hear of this problem. While the network is
    /// away one try is enough: a laptop without one is told so soon, however many registries are asked for.
    /// </summary>
    /// <param name="kind">The problem's.</param>
    /// <param name="hasTried">Whether a fetch has failed while this caller waited for it.</param>
    public static bool IsWorthWaiting(ProblemKind kind, bool hasTried) => CureOf(kind) switch
    {
        Cure.Time => true,
        Cure.Network => !hasTried,
        Cure.Here or Cure.None => false,
    };

    /// <summary>How long until the next try; not positive when it may come now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="callerIsBlocked">Whether somebody waits who has no usable token to go on with.</param>
    public TimeSpan CoolFor(ClockReading now, bool callerIsBlocked) =>
        (callerIsBlocked ? _pauseWhileBlocked : _pause) - (now.Age - _at.Age);

    private static TimeSpan Pause(TimeSpan least, TimeSpan longest, int inARow, double jitter)
    {
        // Twice the least keeps the first pause from being the same for everybody who was refused at the same moment.
        double most = Math.Clamp(Math.Pow(2, inARow), 2 * least.TotalSeconds, longest.TotalSeconds);
        return least + ((TimeSpan.FromSeconds(most) - least) * jitter);
    }

    private static Cure CureOf(ProblemKind kind) => kind switch
    {
        ProblemKind.NoCredentials or ProblemKind.ProfileNotFound or ProblemKind.BadSetting or ProblemKind.LoginRequired
            or ProblemKind.MfaRequired or ProblemKind.AccessDenied or ProblemKind.CredentialsRejected or ProblemKind.ClockSkewed
            or ProblemKind.BadConfiguration or ProblemKind.Ambiguous or ProblemKind.BadAnswer or ProblemKind.NotStored
            or ProblemKind.Loop => Cure.Here,
        ProblemKind.Unreachable => Cure.Network,
        ProblemKind.Throttled or ProblemKind.ServiceFailure => Cure.Time,
        ProblemKind.Internal
            or ProblemKind.RepositoryNotFound or ProblemKind.RepositoryExists or ProblemKind.RepositoryRefused => Cure.None,
    };
}
