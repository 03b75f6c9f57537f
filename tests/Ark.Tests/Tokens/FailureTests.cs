using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class FailureTests : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_failing_source_is_cheap_however_often_it_is_asked()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Internal);
        for (int i = 0; i < 23 * 60; i++)
        {
            Assert.Equal(_fixture.Source.Problem, await _fixture.GetProblem());
            _fixture.Clock.Advance(Some.Seconds(1.0 / 23));
        }

        // Pauses in the middle of [1, 2], [1, 4], [1, 8], … seconds: 1.5, 2.5, 4.5, 8.5, 16.5, 32.5.
        Assert.Equal(6, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_pause_is_answered_without_waiting_and_ends_with_the_first_success()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.LoginRequired);
        await _fixture.Get();
        _fixture.Source.Problem = null;
        Assert.True(_fixture.Get().IsCompleted);
        Assert.Equal(1, _fixture.Source.Calls);

        _fixture.Clock.Advance(Some.Seconds(1.5));
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
        Assert.Null(_fixture.Status.LastError);
    }

    [Theory]
    [InlineData(ProblemKind.ServiceFailure, 1, 0.0, 1)]
    [InlineData(ProblemKind.ServiceFailure, 1, 1.0, 2)]
    [InlineData(ProblemKind.ServiceFailure, 2, 1.0, 4)]
    [InlineData(ProblemKind.ServiceFailure, 8, 1.0, 256)]
    [InlineData(ProblemKind.ServiceFailure, 9, 1.0, 300)]
    [InlineData(ProblemKind.ServiceFailure, 100_000, 1.0, 300)]
    [InlineData(ProblemKind.ServiceFailure, 100_000, 0.0, 1)]
    [InlineData(ProblemKind.Throttled, 1, 0.0, 30)]
    [InlineData(ProblemKind.Throttled, 1, 1.0, 60)]
    [InlineData(ProblemKind.Throttled, 20, 1.0, 300)]
    public void The_pause_doubles_to_five_minutes_with_full_jitter_and_is_half_a_minute_at_least_when_throttled(
        ProblemKind kind, int inARow, double jitter, int seconds)
    {
        ClockReading now = new(_fixture.Clock.Now, TimeSpan.Zero);
        var failure = new FetchFailure(Some.Problem(kind), inARow, now, jitter);

        Assert.Equal(Some.Seconds(seconds), failure.CoolFor(now, callerIsBlocked: false));
        Assert.Equal(_fixture.Clock.Now + Some.Seconds(seconds), failure.NextTryAt);
    }

    [Theory]
    [InlineData(ProblemKind.LoginRequired)]
    [InlineData(ProblemKind.NoCredentials)]
    [InlineData(ProblemKind.ProfileNotFound)]
    [InlineData(ProblemKind.BadSetting)]
    [InlineData(ProblemKind.CredentialsRejected)]
    [InlineData(ProblemKind.AccessDenied)]
    [InlineData(ProblemKind.BadAnswer)]
    public async Task What_is_repaired_on_this_machine_is_noticed_within_five_seconds(ProblemKind kind)
    {
        _fixture.Jitter = 0.999;
        _fixture.Source.Problem = Some.Problem(kind);
        for (int i = 0; i < 20; i++)
        {
            await _fixture.Get();
            _fixture.Clock.Advance(Some.Minutes(5));
        }

        await _fixture.Get();
        int calls = _fixture.Source.Calls;
        _fixture.Source.Problem = null;
        _fixture.Clock.Advance(Some.Seconds(4.9));
        Assert.Equal(kind, (await _fixture.GetProblem()).Kind);
        Assert.Equal(calls, _fixture.Source.Calls);

        _fixture.Clock.Advance(Some.Seconds(0.1));
        await _fixture.GetToken();
    }

    [Theory]
    [InlineData(1, 0.0, 1)]
    [InlineData(1, 1.0, 2)]
    [InlineData(2, 1.0, 4)]
    [InlineData(3, 1.0, 8)]
    [InlineData(100_000, 1.0, 8)]
    [InlineData(100_000, 0.0, 1)]
    public void While_callers_wait_for_AWS_to_recover_the_pause_doubles_to_eight_seconds(int inARow, double jitter, int seconds)
    {
        ClockReading now = new(_fixture.Clock.Now, TimeSpan.Zero);
        foreach (ProblemKind kind in (ProblemKind[])[ProblemKind.Throttled, ProblemKind.ServiceFailure])
        {
            var failure = new FetchFailure(Some.Problem(kind), inARow, now, jitter);
            Assert.Equal(Some.Seconds(seconds), failure.CoolFor(now, callerIsBlocked: true));
        }
    }

    [Fact]
    public async Task A_fault_of_ours_keeps_its_whole_pause()
    {
        _fixture.Jitter = 0.999;
        _fixture.Source.Problem = Some.Problem(ProblemKind.Internal);
        for (int i = 0; i < 20; i++)
        {
            await _fixture.Get();
            _fixture.Clock.Advance(Some.Minutes(5));
        }

        await _fixture.Get();
        _fixture.Source.Problem = null;
        _fixture.Clock.Advance(Some.Minutes(4.9));
        Assert.Equal(ProblemKind.Internal, (await _fixture.GetProblem()).Kind);
    }

    [Fact]
    public async Task A_pause_does_not_shorten_the_life_of_a_valid_token_nor_bother_those_who_get_it()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.HalfLife);
        _fixture.Source.Problem = Some.Problem(ProblemKind.LoginRequired);
        for (int minute = 0; minute < 356; minute++)
        {
            TokenAnswer.Token answer = await _fixture.GetToken();
            await _fixture.Completed();
            Assert.Null(answer.Warning);
            _fixture.Clock.Advance(Some.Minutes(1));
        }

        Assert.NotNull((await _fixture.GetToken()).Warning);
        Assert.InRange(_fixture.Source.Calls, 60, 360);
    }

    [Fact]
    public async Task A_forced_refresh_does_not_wait_for_the_end_of_a_pause()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Throttled);
        await _fixture.GetProblem();
        _fixture.Source.Problem = null;

        Assert.Null(await _fixture.Refresh());
        await _fixture.GetToken();
    }

    [Fact]
    public async Task The_last_problem_is_the_one_that_is_told()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Unreachable);
        await _fixture.Get();
        _fixture.Clock.Advance(Some.Seconds(5));
        _fixture.Source.Problem = Some.Problem(ProblemKind.LoginRequired);

        Assert.Equal(ProblemKind.LoginRequired, (await _fixture.GetProblem()).Kind);
        Assert.Equal(ProblemKind.LoginRequired, (await _fixture.GetProblem()).Kind);
        Assert.Equal(2, _fixture.Source.Calls);
    }
}
