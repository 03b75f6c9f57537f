using Ark.Core.Tokens;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class ClockTests : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_clock_put_forward_by_thirteen_hours_costs_a_fetch()
    {
        await _fixture.Get();
        _fixture.Clock.JumpWall(Some.Hours(13));

        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-24)]
    [InlineData(-490_000)]
    public async Task A_clock_put_back_behind_the_moment_of_issue_drops_the_token(int hours)
    {
        await _fixture.Get();
        _fixture.Clock.JumpWall(Some.Hours(hours));

        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
        Assert.Equal(FetchReason.ClockJump, _fixture.Status.LastFetchReason);
        Assert.True(_fixture.Source.Issued[0].Secret.IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public async Task A_clock_put_back_by_less_than_five_minutes_is_ordinary_correction()
    {
        await _fixture.Get();
        _fixture.Clock.JumpWall(Some.Minutes(-4.9));

        Assert.Equal("SENTINEL-profile tbd-1", await _fixture.GetSecret());
    }

    [Fact]
    public async Task A_clock_put_back_does_not_make_a_token_live_longer()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(Some.Hours(8));
        _fixture.Clock.JumpWall(Some.Hours(-7));
        _fixture.Clock.Advance(Some.Hours(4));

        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Fact]
    public async Task A_clock_that_was_in_the_past_when_the_token_came_does_not_make_it_live_longer()
    {
        DateTimeOffset truth = _fixture.Clock.Now;
        _fixture.Clock.Now = DateTimeOffset.UnixEpoch;
        _fixture.Source.Life = truth + The.Life - _fixture.Clock.Now;
        await _fixture.Get();
        _fixture.Source.Life = The.Life;

        _fixture.Clock.Advance(Some.Hours(12));
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Fact]
    public async Task Sleeping_for_eleven_hours_uses_up_eleven_hours_of_life()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(Some.Minutes(56));
        _fixture.Clock.Suspend(Some.Hours(11));

        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Fact]
    public async Task A_token_with_an_hour_left_after_a_sleep_is_served_and_renewed_behind()
    {
        await _fixture.Get();
        _fixture.Clock.Suspend(Some.Hours(11));

        Assert.Equal("SENTINEL-profile tbd-1", await _fixture.GetSecret());
        await _fixture.Completed();
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Fact]
    public async Task A_clock_put_back_in_the_morning_and_a_sleep_in_the_afternoon_do_not_cancel_out()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(Some.Hours(3));
        _fixture.Clock.JumpWall(Some.Hours(-3));
        Assert.Equal("SENTINEL-profile tbd-1", await _fixture.GetSecret());
        _fixture.Clock.Suspend(Some.Hours(9));

        // On the wall it is nine hours old, on the monotonic clock three: each alone would still serve it.
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Fact]
    public async Task A_pause_after_a_failure_ends_though_the_clock_was_put_back()
    {
        _fixture.Source.Problem = Some.Problem(Core.Problems.ProblemKind.LoginRequired);
        await _fixture.Get();
        _fixture.Source.Problem = null;
        _fixture.Clock.JumpWall(TimeSpan.FromDays(-400));
        _fixture.Clock.Advance(Some.Seconds(2));

        await _fixture.GetToken();
    }

    [Fact]
    public async Task With_timers_that_never_fire_requests_refresh_by_themselves()
    {
        using var fixture = new TokenFixture(time: new DeadTimers(_fixture.Clock));
        fixture.Source = new FakeSource(_fixture.Clock);
        using var stop = new CancellationTokenSource();
        Task loop = new RefreshLoop(fixture.Cache, new DeadTimers(_fixture.Clock)).RunAsync(stop.Token);

        for (int hour = 0; hour < 24; hour++)
        {
            TokenAnswer.Token answer = await fixture.GetToken();
            Assert.True(answer.ExpiresAt - _fixture.Clock.Now >= The.Policy.MinRemaining);
            await fixture.Completed();
            _fixture.Clock.Advance(Some.Hours(1));
        }

        Assert.Equal(4, fixture.Source.Calls);
        await stop.CancelAsync();
        await loop;
    }

    [Fact]
    public void The_age_clock_follows_whichever_clock_moved_more()
    {
        var clock = new ManualClock();
        var age = new AgeClock(clock);

        clock.Advance(Some.Hours(1));
        Assert.Equal(Some.Hours(1), age.Now().Age);
        clock.Suspend(Some.Hours(1));
        Assert.Equal(Some.Hours(2), age.Now().Age);
        clock.JumpWall(Some.Hours(-5));
        Assert.Equal(Some.Hours(2), age.Now().Age);
        clock.Advance(Some.Hours(1));
        Assert.Equal(Some.Hours(3).TotalSeconds, age.Now().Age.TotalSeconds, 0.001);
        clock.JumpWall(Some.Hours(5));
        Assert.Equal(Some.Hours(8).TotalSeconds, age.Now().Age.TotalSeconds, 0.001);
    }

    [Fact]
    public void The_age_clock_does_not_run_fast_when_it_is_read_often()
    {
        var clock = new ShakyClock();
        var age = new AgeClock(clock);
        for (int i = 0; i < 1_000_000; i++)
        {
            clock.Inner.Advance(TimeSpan.FromMicroseconds(100));
            age.Now();
        }

        Assert.InRange(age.Now().Age.TotalSeconds, 100, 101);
    }

    /// <summary>A clock whose wall reading is up to a millisecond late, as when a thread is put aside between two reads.</summary>
    private sealed class ShakyClock : TimeProvider
    {
        private int _looks;

        public ManualClock Inner { get; } = new();

        public override long TimestampFrequency => Inner.TimestampFrequency;

        public override long GetTimestamp() => Inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => Inner.GetUtcNow() - TimeSpan.FromMicroseconds(1000 * (_looks++ % 2));
    }

    /// <summary>Clocks that go and timers that do not.</summary>
    private sealed class DeadTimers(ManualClock inner) : TimeProvider
    {
        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Dead();

        private sealed class Dead : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
