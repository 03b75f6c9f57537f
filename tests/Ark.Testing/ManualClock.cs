namespace Ark.Testing;

/// <summary>
/// A clock that moves only when a test says so. The wall clock and the monotonic one move apart on purpose: timers and time stamps
/// follow the monotonic one, as they do on a real machine, so a jump or a suspend fires nothing.
/// Callbacks run on the thread that advances, in the order they fall due, each seeing the time at which it was due.
/// </summary>
public sealed class ManualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private DateTimeOffset _wall;
    private TimeSpan _elapsed;

    /// <summary>A clock that shows noon of 2 January 2026, UTC.</summary>
    public ManualClock()
        : this(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public ManualClock(DateTimeOffset start) => _wall = start.ToUniversalTime();

    /// <summary>A prime and no power of ten, so that code which takes time stamps for ticks is found out.</summary>
    public override long TimestampFrequency => 3_579_551;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>The wall clock. Setting it is the same as <see cref="JumpWall"/> by the difference.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_gate)
            {
                return _wall;
            }
        }

        set
        {
            lock (_gate)
            {
                _wall = value.ToUniversalTime();
            }
        }
    }

    /// <summary>How many timers are set and have not fired for the last time.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    /// <summary>How long until the next timer fires, or null when none is set.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count == 0 ? null : _timers.Min(timer => timer.Due) - _elapsed;
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return (long)((Int128)_elapsed.Ticks * TimestampFrequency / TimeSpan.TicksPerSecond);
        }
    }

    /// <summary>Time passes: both clocks move and every timer that falls due on the way fires.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan end;
        lock (_gate)
        {
            end = _elapsed + by;
        }

        while (TakeNextDue(end) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>Somebody sets the wall clock, forward or back. No monotonic time passes.</summary>
    public void JumpWall(TimeSpan by)
    {
        lock (_gate)
        {
            _wall += by;
        }
    }

    /// <summary>The machine sleeps: the wall clock goes on, the monotonic clock and its timers stand still.</summary>
    public void Suspend(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        JumpWall(by);
    }

    /// <summary>Completes when <paramref name="count"/> timers are set: the code under test waits, and the test may advance.</summary>
    public Task TimersSet(int count)
    {
        lock (_gate)
        {
            if (_timers.Count >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeNextDue(TimeSpan end)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            var at = next is null ? end : next.Due;
            if (at > _elapsed)
            {
                _wall += at - _elapsed;
                _elapsed = at;
            }

            if (next is not null && !next.MoveToNextPeriod())
            {
                _timers.Remove(next);
            }

            return next;
        }
    }

    private void Set(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            timer.Arm(_elapsed + dueTime, period);
            _timers.Add(timer);
            foreach (var (_, reached) in _waiting.Where(waiting => waiting.Count <= _timers.Count))
            {
                reached.TrySetResult();
            }

            _waiting.RemoveAll(waiting => waiting.Reached.Task.IsCompleted);
        }
    }

    private void Remove(ManualTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private volatile bool _disposed;

        public TimeSpan Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_disposed)
            {
                return false;
            }

            clock.Set(this, dueTime, period);
            return true;
        }

        public void Arm(TimeSpan due, TimeSpan period)
        {
            Due = due;
            _period = period;
        }

        public bool MoveToNextPeriod()
        {
            if (_period <= TimeSpan.Zero)
            {
                return false;
            }

            Due += _period;
            return true;
        }

        public void Fire()
        {
            if (!_disposed)
            {
                callback(state);
            }
        }

        public void Dispose()
        {
            _disposed = true;
            clock.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
