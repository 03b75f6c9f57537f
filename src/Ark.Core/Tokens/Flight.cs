using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>One fetch on its way, shared by everybody who waits for the key.</summary>
/// <param name="asked">When it began.</param>
/// <param name="jitter">Drawn once: places the refresh time or the next try that follows from this fetch.</param>
internal sealed class Flight(Moment asked, double jitter)
{
    // Continuations run on the pool: a thousand waiters must not run one after the other on the thread that landed the fetch.
    private readonly TaskCompletionSource<Problem?> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Moment RequestContext => asked;

    public double Jitter => jitter;

    /// <summary>Null when a new token is stored, else why there is none. Never faults, never cancels.</summary>
    public Task<Problem?> Landed => _landed.Task;

    public void Land(Problem? problem) => _landed.SetResult(problem);
}
