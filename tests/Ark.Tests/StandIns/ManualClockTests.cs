using Ark.Testing;
using Xunit;

namespace Ark.Tests.StandIns;

public sealed class ManualClockTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Advancing_moves_both_clocks()
    {
        var (wall, stamp) = (_clock.GetUtcNow(), _clock.GetTimestamp());

        _clock.Advance(TimeSpan.FromHours(13));

        Assert.Equal(TimeSpan.FromHours(13), _clock.GetUtcNow() - wall);
        Assert.Equal(TimeSpan.FromHours(13), _clock.GetElapsedTime(stamp));
    }

    [Fact]
    public void A_jump_and_a_suspend_move_only_the_wall_clock_and_fire_nothing()
    {
        var (wall, stamp, fired) = (_clock.GetUtcNow(), _clock.GetTimestamp(), 0);
        using var timer = _clock.CreateTimer(_ => fired++, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);

        _clock.Suspend(TimeSpan.FromHours(8));
        _clock.JumpWall(TimeSpan.FromHours(-3));

        Assert.Equal(TimeSpan.FromHours(5), _clock.GetUtcNow() - wall);
        Assert.Equal(TimeSpan.Zero, _clock.GetElapsedTime(stamp));
        Assert.Equal(0, fired);
        Assert.Equal(TimeSpan.FromMinutes(1), _clock.NextTimer);
    }

    [Fact]
    public void Timers_fire_in_the_order_they_fall_due_each_at_its_own_time()
    {
        var start = _clock.GetUtcNow();
        List<(string Name, TimeSpan At)> fired = [];
        using var late = Timer("late", 5, Timeout.InfiniteTimeSpan);
        using var early = Timer("early", 2, TimeSpan.FromSeconds(2));

        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(["early 2", "early 4", "late 5", "early 6"], fired.Select(each => $"{each.Name} {each.At.TotalSeconds}"));
        Assert.Equal(1, _clock.ActiveTimers);

        ITimer Timer(string name, int seconds, TimeSpan period) => _clock.CreateTimer(
            _ => fired.Add((name, _clock.GetUtcNow() - start)), null, TimeSpan.FromSeconds(seconds), period);
    }

    [Fact]
    public void A_callback_may_set_its_own_timer_again()
    {
        var fired = 0;
        ITimer? timer = null;
        timer = _clock.CreateTimer(
            _ =>
            {
                fired++;
                timer!.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
            },
            null,
            TimeSpan.FromSeconds(1),
            Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(3));
        timer.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(3, fired);
        Assert.Equal(0, _clock.ActiveTimers);
    }

    [Fact]
    public async Task A_delay_ends_when_the_clock_reaches_it()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(5), _clock, TestContext.Current.CancellationToken);
        await _clock.TimersSet(1);

        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.False(delay.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));

        await delay;
    }

    [Fact]
    public async Task A_test_can_wait_until_the_code_under_test_waits()
    {
        var waiting = _clock.TimersSet(2);
        using var first = _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        Assert.False(waiting.IsCompleted);
        using var second = _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        await waiting;
    }
}
