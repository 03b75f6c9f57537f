using Ark.Daemon.Listening;

namespace Ark.Daemon.Lifetime;

/// <summary>Once a minute: is the socket still ours, and has anybody asked for anything lately.</summary>
internal sealed class Watch(Listener listener, Func<TimeSpan> idle, Func<TimeSpan> idleExit, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Completes with the reason when the daemon should leave.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, time, cancellationToken);
            if (!listener.IsStillOurs())
            {
                return "the socket is no longer ours";
            }

            if (idleExit() is { Ticks: > 0 } limit && idle() >= limit)
            {
                return "idle";
            }
        }
    }
}
