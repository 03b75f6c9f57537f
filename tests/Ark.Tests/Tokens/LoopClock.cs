using Ark.Testing;

namespace Ark.Tests.Tokens;

/// <summary>The same time as another clock's, for the loop alone, so that a test knows whether the loop sleeps.</summary>
internal sealed class LoopClock(ManualClock inner) : TimeProvider
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _asleep = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long it went to sleep for, the last time.</summary>
    public TimeSpan Sleep { get; private set; }

    /// <summary>Ends when the loop sleeps.</summary>
    public Task Asleep
    {
        get
        {
            lock (_lock)
            {
                return _asleep.Task;
            }
        }
    }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = inner.CreateTimer(
            woken =>
            {
                lock (_lock)
                {
                    _asleep = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                callback(woken);
            },
            state,
            dueTime,
            period);
        lock (_lock)
        {
            Sleep = dueTime;
            _asleep.TrySetResult();
        }

        return timer;
    }
}
