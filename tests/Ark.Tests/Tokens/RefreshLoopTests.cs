using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class RefreshLoopTests : IAsyncLifetime
{
    private readonly TokenFixture _fixture = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly LoopClock _loopClock;
    private readonly RefreshLoop _loop;
    private Task _running = Task.CompletedTask;
    private Exception? _fault;

    public RefreshLoopTests()
    {
        _loopClock = new LoopClock(_fixture.Clock);
        _loop = new RefreshLoop(_fixture.Cache, _loopClock, () => _ = _fault is null ? 0 : throw _fault);
    }

    public ValueTask InitializeAsync()
    {
        _running = _loop.RunAsync(_stop.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _fixture.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_key_in_use_is_renewed_at_its_refresh_time_with_nobody_asking()
    {
        await _fixture.Get();
        await Pass(The.HalfLife + Some.Minutes(1));

        Assert.Equal(2, _fixture.Source.Calls);
        Assert.Equal(FetchReason.Proactive, _fixture.Status.LastFetchReason);
    }

    [Fact]
    public async Task A_key_that_the_configuration_no_longer_leads_to_is_not_renewed_and_is_wiped()
    {
        await _fixture.Get();
        _fixture.Source.IsCurrent = false;

        await Pass(The.HalfLife + Some.Minutes(1));

        Assert.Equal(1, _fixture.Source.Calls);
        Assert.Empty(_fixture.Cache.Snapshot());
        Assert.All(_fixture.Source.Issued.Single().Secret.ToArray(), b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task It_wakes_once_a_minute_when_there_is_nothing_to_do()
    {
        await _loopClock.Asleep;

        Assert.Equal(Some.Minutes(1), _loopClock.Sleep);
    }

    [Fact]
    public async Task It_wakes_when_the_next_key_is_due()
    {
        _fixture.Source.Life = The.Life - Some.Minutes(1);
        await _fixture.Get();
        await Pass(The.HalfLife - Some.Minutes(1));

        Assert.Equal(1, _fixture.Source.Calls);
        Assert.InRange(_loopClock.Sleep, Some.Seconds(29), Some.Seconds(31));
    }

    [Fact]
    public async Task It_never_wakes_more_than_once_a_second()
    {
        _fixture.Source.Life = Some.Seconds(0.1);
        _fixture.Policy = new RefreshPolicy(0.5, TimeSpan.Zero);
        await _fixture.Get();
        await Pass(Some.Minutes(1));
        await Pass(Some.Seconds(30), step: 0.1);

        Assert.InRange(_fixture.Source.Calls, 2, 32);
    }

    [Fact]
    public async Task A_key_that_nobody_used_for_a_day_is_left_to_expire_and_then_dropped_and_wiped()
    {
        await _fixture.Get();
        await Pass(Some.Hours(24) + Some.Minutes(2));
        int calls = _fixture.Source.Calls;
        Assert.NotEmpty(_fixture.Cache.Snapshot());
        await Pass(Some.Hours(12));

        Assert.Equal(calls, _fixture.Source.Calls);
        Assert.Empty(_fixture.Cache.Snapshot());
        Assert.All(_fixture.Source.Issued, token => Assert.True(token.Secret.IndexOfAnyExcept((byte)0) < 0));
    }

    [Fact]
    public async Task After_a_night_of_sleep_keys_are_renewed_a_few_at_a_time()
    {
        FakeSource[] sources = [.. Enumerable.Range(0, 20).Select(i => new FakeSource(_fixture.Clock, $"profile {i}"))];
        foreach (FakeSource source in sources)
        {
            await _fixture.Get(source);
        }

        var gate = new TaskCompletionSource();
        foreach (FakeSource source in sources)
        {
            source.Gate = gate;
        }

        _fixture.Clock.Suspend(Some.Hours(14));
        await _loopClock.Asleep;
        _fixture.Clock.Advance(Some.Minutes(1));
        Assert.True(SpinWait.SpinUntil(() => Again(sources) == 4, Some.Seconds(30)));
        Assert.Equal(4, _fixture.Cache.Snapshot().Count(status => status.State is TokenState.Refreshing));
        gate.SetResult();
        await _loopClock.Asleep;

        Assert.Equal(20, Again(sources));
        Assert.All(_fixture.Cache.Snapshot(), status => Assert.Equal(FetchReason.Expired, status.LastFetchReason));
    }

    [Fact]
    public async Task What_only_a_person_can_mend_is_not_tried_behind_their_back_once_the_token_has_run_out()
    {
        await _fixture.Get();
        _fixture.Source.Problem = Some.Problem(ProblemKind.LoginRequired);
        await Pass(Some.Hours(13));
        int calls = _fixture.Source.Calls;
        await Pass(Some.Hours(5));

        Assert.Equal(calls, _fixture.Source.Calls);
        Assert.InRange(calls, 50, 400);
    }

    [Fact]
    public async Task An_outage_that_ends_by_itself_is_over_within_one_pause_with_nobody_asking()
    {
        await _fixture.Get();
        _fixture.Source.Problem = Some.Problem(ProblemKind.ServiceFailure);
        await Pass(Some.Hours(13));
        _fixture.Source.Problem = null;
        await Pass(Some.Minutes(6));

        Assert.Equal(TokenState.Fresh, _fixture.Status.State);
    }

    [Fact]
    public async Task A_fault_in_a_round_is_told_and_counted_and_the_loop_goes_on()
    {
        await _fixture.Get();
        await Pass(The.HalfLife - Some.Minutes(2));
        _fault = new InvalidOperationException("a bug");
        await Pass(Some.Minutes(5));
        Assert.InRange(_fixture.Cache.Faults, 4, 6);
        Assert.All(_fixture.Faults, fault => Assert.Same(_fault, fault));
        Assert.Equal(_fixture.Cache.Faults, _fixture.Faults.Count);
        Assert.False(_running.IsCompleted);

        _fault = null;
        await Pass(Some.Minutes(2));
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_fault_of_one_key_does_not_keep_the_others_from_being_renewed_and_is_told()
    {
        FakeSource[] sources = [.. Enumerable.Range(0, 6).Select(i => new FakeSource(_fixture.Clock, $"profile {i}"))];
        foreach (FakeSource source in sources)
        {
            await _fixture.Get(source);
        }

        sources[0].CurrentFault = new InvalidOperationException("a bug");
        await Pass(The.HalfLife + Some.Minutes(1));

        Assert.Equal([1, 2, 2, 2, 2, 2], sources.Select(source => source.Calls));
        Assert.All(_fixture.Faults, fault => Assert.Same(sources[0].CurrentFault, fault));
        Assert.InRange(_fixture.Cache.Faults, 1, 3);
        Assert.Equal(_fixture.Cache.Faults, _fixture.Faults.Count);
    }

    private static int Again(FakeSource[] sources) => sources.Sum(source => source.Calls - 1);

    /// <summary>Lets time go by, giving the loop its turn whenever its timer fires.</summary>
    private async Task Pass(TimeSpan time, double step = 60)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Some.Seconds(step))
        {
            await _loopClock.Asleep;
            _fixture.Clock.Advance(Some.Seconds(step));
        }

        await _loopClock.Asleep;
    }
}
