using Ark.Daemon.Listening;

namespace Ark.Daemon.Lifetime;

/// <summary>
/// Is the socket still ours, and has anybody asked for anything lately. It has no clock of its own: somebody looks once a minute.
/// </summary>
internal sealed class Watch(Listener listener, Func<TimeSpan> idle, Func<TimeSpan> idleExit)
{
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason when the daemon should stop.</summary>
    public Task<string> Ended => _ended.Task;

    public void Look()
    {
        if (!listener.IsStillOurs())
        {
            _ended.TrySetResult("the socket is no longer ours");
        }
        else if (idleExit() is { Ticks: > 0 } limit && idle() >= limit)
        {
            _ended.TrySetResult("idle");
        }
    }
}
