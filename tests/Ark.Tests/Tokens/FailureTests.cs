using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class FailureTests : IDisposable
{
    private readonly TokenFixture _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task A_failing_source_is_cheap_however_often_it_is_asked()
    {
        _desk.Source.Problem = Some.Problem(ProblemKind.ServiceFailure);
        for (int i = 0; i < 23 * 60; i++)
        {
            Assert.Equal(_desk.Source.Problem, await _desk.GetProblem());
            _desk.Clock.Advance(Some.Seconds(1.0 / 23));
        }

        // Pauses in the middle of [1, 2], [1, 4], [1, 8], … seconds: 1.5, 2.5, 4.5, 8.5, 16.5, 32.5.
        Assert.Equal(6, _desk.Source.Calls);
    }

    [Fact]
    public async Task A_pause_is_answered_without_waiting_and_ends_with_the_first_success()
    {
        _desk.Source.Problem = Some.Problem(ProblemKind.ServiceFailure);
        await _desk.Get();
        _desk.Source.Problem = null;
        Assert.True(_desk.Get().IsCompleted);
        Assert.Equal(1, _desk.Source.Calls);

        _desk.Clock.Advance(Some.Seconds(1.5));
        Assert.Equal("SENTINEL-profile tbd-2", await _desk.GetSecret());
        Assert.Null(_desk.Status.LastError);
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
        Moment now = new(_desk.Clock.Now, TimeSpan.Zero);
        var failure = new Failure(Some.Problem(kind), inARow, now, jitter);

        Assert.Equal(Some.Seconds(seconds), failure.CoolFor(now, callerIsBlocked: true));
        Assert.Equal(_desk.Clock.Now + Some.Seconds(seconds), failure.NextTryAt);
    }

    [Theory]
    [InlineData(ProblemKind.LoginRequired)]
    [InlineData(ProblemKind.NoCredentials)]
    [InlineData(ProblemKind.ProfileNotFound)]
    [InlineData(ProblemKind.BadSetting)]
    [InlineData(ProblemKind.CredentialsRejected)]
    [InlineData(ProblemKind.AccessDenied)]
    [InlineData(ProblemKind.Unreachable)]
    [InlineData(ProblemKind.BadAnswer)]
    public async Task What_is_repaired_on_this_machine_is_noticed_within_five_seconds(ProblemKind kind)
    {
        _desk.Jitter = 0.999;
        _desk.Source.Problem = Some.Problem(kind);
        for (int i = 0; i < 20; i++)
        {
            await _desk.Get();
            _desk.Clock.Advance(Some.Minutes(5));
        }

        await _desk.Get();
        int calls = _desk.Source.Calls;
        _desk.Source.Problem = null;
        _desk.Clock.Advance(Some.Seconds(4.9));
        Assert.Equal(kind, (await _desk.GetProblem()).Kind);
        Assert.Equal(calls, _desk.Source.Calls);

        _desk.Clock.Advance(Some.Seconds(0.1));
        await _desk.GetToken();
    }

    [Theory]
    [InlineData(ProblemKind.Throttled)]
    [InlineData(ProblemKind.ServiceFailure)]
    [InlineData(ProblemKind.Internal)]
    public async Task What_is_repaired_elsewhere_keeps_its_whole_pause(ProblemKind kind)
    {
        _desk.Jitter = 0.999;
        _desk.Source.Problem = Some.Problem(kind);
        for (int i = 0; i < 20; i++)
        {
            await _desk.Get();
            _desk.Clock.Advance(Some.Minutes(5));
        }

        await _desk.Get();
        _desk.Source.Problem = null;
        _desk.Clock.Advance(Some.Minutes(4.9));
        Assert.Equal(kind, (await _desk.GetProblem()).Kind);
    }

    [Fact]
    public async Task A_pause_does_not_shorten_the_life_of_a_valid_token_nor_bother_those_who_get_it()
    {
        await _desk.Get();
        _desk.Clock.Advance(The.HalfLife);
        _desk.Source.Problem = Some.Problem(ProblemKind.LoginRequired);
        for (int minute = 0; minute < 356; minute++)
        {
            TokenAnswer.Token answer = await _desk.GetToken();
            await _desk.Landed();
            Assert.Null(answer.Warning);
            _desk.Clock.Advance(Some.Minutes(1));
        }

        Assert.NotNull((await _desk.GetToken()).Warning);
        Assert.InRange(_desk.Source.Calls, 60, 360);
    }

    [Fact]
    public async Task A_forced_refresh_does_not_wait_for_the_end_of_a_pause()
    {
        _desk.Source.Problem = Some.Problem(ProblemKind.Throttled);
        await _desk.Get();
        _desk.Source.Problem = null;

        Assert.Null(await _desk.Refresh());
        await _desk.GetToken();
    }

    [Fact]
    public async Task The_last_problem_is_the_one_that_is_told()
    {
        _desk.Source.Problem = Some.Problem(ProblemKind.Unreachable);
        await _desk.Get();
        _desk.Clock.Advance(Some.Seconds(5));
        _desk.Source.Problem = Some.Problem(ProblemKind.LoginRequired);

        Assert.Equal(ProblemKind.LoginRequired, (await _desk.GetProblem()).Kind);
        Assert.Equal(ProblemKind.LoginRequired, (await _desk.GetProblem()).Kind);
        Assert.Equal(2, _desk.Source.Calls);
    }
}
