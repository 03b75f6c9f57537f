using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

/// <summary>Without a token, while AWS throttles or fails: a request waits and tries again, and all who wait share each try.</summary>
public sealed class WaitingTests : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(ProblemKind.Throttled)]
    [InlineData(ProblemKind.ServiceFailure)]
    public async Task Without_a_token_a_get_tries_again_and_is_served_once_AWS_has_recovered(ProblemKind kind)
    {
        _fixture.Source.Problem = Some.Problem(kind);
        Task<TokenAnswer> answer = _fixture.Get();
        await new[] { answer }.AllPauseAsync(_fixture.Cache, _fixture.Clock);
        Assert.False(answer.IsCompleted);
        _fixture.Source.Problem = null;
        _fixture.Clock.Advance(Some.Seconds(1.5));

        Assert.IsType<TokenAnswer.Token>(await answer);
        Assert.Equal(2, _fixture.Source.Calls);
        Assert.Null(_fixture.Status.LastError);
    }

    [Fact]
    public async Task A_get_that_comes_after_the_throttled_answer_does_not_hear_of_it_either()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Throttled);
        await _fixture.GetProblem();
        _fixture.Source.Problem = null;
        DateTimeOffset asked = _fixture.Clock.Now;

        Assert.IsType<TokenAnswer.Token>(await _fixture.GetPatiently());
        Assert.InRange(_fixture.Clock.Now - asked, TimeSpan.Zero, Some.Seconds(8));
    }

    [Fact]
    public async Task A_get_that_is_throttled_all_the_while_hears_why_within_twenty_seconds_and_after_several_tries()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Throttled);
        DateTimeOffset asked = _fixture.Clock.Now;

        Assert.Equal(_fixture.Source.Problem, await _fixture.GetProblem());

        Assert.InRange(_fixture.Clock.Now - asked, Some.Seconds(10), TokenCache.Patience);
        // At 0, 1.5, 4, 8.5, 13 and 17.5 seconds: pauses in the middle of [1, 2], [1, 4], [1, 8], [1, 8], …
        Assert.Equal(6, _fixture.Source.Calls);
    }

    [Fact]
    public async Task One_try_serves_everybody_who_waits_for_it()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Throttled);
        Task<TokenAnswer>[] answers = [.. Enumerable.Range(0, 100).Select(_ => _fixture.Get())];
        await answers.AllPauseAsync(_fixture.Cache, _fixture.Clock);
        _fixture.Source.Problem = null;
        _fixture.Clock.Advance(Some.Seconds(1.5));

        Assert.All(await Task.WhenAll(answers), answer => Assert.IsType<TokenAnswer.Token>(answer));
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_thousand_callers_in_ten_minutes_of_throttling_cost_at_most_twenty_calls_a_minute()
    {
        const int Callers = 1000;
        var random = new Random(1);
        using var cache = new TokenCache(_fixture.Clock, random.NextDouble);
        _fixture.Source.Problem = Some.Problem(ProblemKind.Throttled);
        Task<TokenAnswer>[] callers = [.. Enumerable.Range(0, Callers).Select(_ => Task.FromResult<TokenAnswer>(null!))];
        for (int minute = 0; minute < 10; minute++)
        {
            int before = _fixture.Source.Calls;
            for (int second = 0; second < 60; second++)
            {
                for (int i = 0; i < Callers; i++)
                {
                    callers[i] = callers[i].IsCompleted ? cache.GetAsync(_fixture.Source, The.Policy, The.Host, null, default) : callers[i];
                }

                await callers.AllPauseAsync(cache, _fixture.Clock);
                _fixture.Clock.Advance(Some.Seconds(1));
                await callers.AllPauseAsync(cache, _fixture.Clock);
            }

            Assert.InRange(_fixture.Source.Calls - before, 5, 20);
        }

        Assert.Equal(1, _fixture.Source.MostInFlight);
    }

    [Fact]
    public async Task While_the_network_is_away_a_get_makes_one_try_of_its_own_and_then_says_so()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Unreachable);
        DateTimeOffset asked = _fixture.Clock.Now;
        Assert.Equal(ProblemKind.Unreachable, (await _fixture.GetProblem()).Kind);
        Assert.Equal((1, asked), (_fixture.Source.Calls, _fixture.Clock.Now));

        Assert.Equal(ProblemKind.Unreachable, (await _fixture.GetProblem()).Kind);
        Assert.Equal((2, asked + Some.Seconds(1.5)), (_fixture.Source.Calls, _fixture.Clock.Now));

        _fixture.Source.Problem = null;
        Assert.IsType<TokenAnswer.Token>(await _fixture.GetPatiently());
        Assert.InRange(_fixture.Clock.Now - asked, TimeSpan.Zero, Some.Seconds(6.5));
    }

    [Fact]
    public async Task Who_stops_waiting_for_the_next_try_is_let_go_at_once_and_costs_no_try()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Throttled);
        using var stop = new CancellationTokenSource();
        Task<TokenAnswer> answer = _fixture.Get(stop.Token);
        await new[] { answer }.AllPauseAsync(_fixture.Cache, _fixture.Clock);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        _fixture.Clock.Advance(Some.Minutes(1));
        Assert.Equal(1, _fixture.Source.Calls);
    }

    [Fact]
    public async Task Who_waits_for_the_next_try_when_the_cache_goes_away_is_answered()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Throttled);
        Task<TokenAnswer> answer = _fixture.Get();
        await new[] { answer }.AllPauseAsync(_fixture.Cache, _fixture.Clock);

        _fixture.Cache.Dispose();

        Assert.Equal(_fixture.Source.Problem, Assert.IsType<TokenAnswer.Failed>(await answer).Problem);
    }

    [Fact]
    public async Task A_second_try_that_hangs_does_not_keep_a_get_beyond_its_patience()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.Throttled);
        Task<TokenAnswer> answer = _fixture.Get();
        await new[] { answer }.AllPauseAsync(_fixture.Cache, _fixture.Clock);
        _fixture.Source.Gate = new TaskCompletionSource();
        _fixture.Clock.Advance(Some.Seconds(1.5));
        Assert.False(answer.IsCompleted);

        _fixture.Clock.Advance(TokenCache.Patience - Some.Seconds(1.5));

        Assert.Equal(_fixture.Source.Problem, Assert.IsType<TokenAnswer.Failed>(await answer).Problem);
        _fixture.Source.Gate.SetResult();
    }

    [Fact]
    public async Task With_a_good_token_in_hand_nobody_waits_and_AWS_is_left_alone_for_half_a_minute()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.HalfLife);
        _fixture.Source.Problem = Some.Problem(ProblemKind.Throttled);
        for (int second = 0; second < 30; second++)
        {
            Assert.True(_fixture.Get().IsCompletedSuccessfully);
            await _fixture.Completed();
            _fixture.Clock.Advance(Some.Seconds(1));
        }

        Assert.Equal(2, _fixture.Source.Calls);
    }
}
