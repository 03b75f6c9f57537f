using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class SingleFlightTests : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task An_expired_token_is_fetched_once_for_a_thousand_callers_on_many_threads()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.Life);
        var gate = _fixture.Source.Gate = new TaskCompletionSource();
        using var start = new Barrier(4);

        Task<Task<TokenAnswer>[]>[] herds =
        [
            .. Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return Enumerable.Range(0, 250).Select(_ => _fixture.Get()).ToArray();
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)),
        ];
        Task<TokenAnswer>[] callers = [.. (await Task.WhenAll(herds)).SelectMany(herd => herd)];
        Assert.DoesNotContain(callers, caller => caller.IsCompleted);
        gate.SetResult();
        TokenAnswer[] answers = await Task.WhenAll(callers);

        Assert.Equal(1000, answers.OfType<TokenAnswer.Token>().Count());
        Assert.Equal(2, _fixture.Source.Calls);
        Assert.Equal(1, _fixture.Source.MostInFlight);
    }

    [Fact]
    public async Task At_refresh_time_a_thousand_callers_are_all_served_at_once_and_cause_one_fetch()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.HalfLife);
        _fixture.Source.Gate = new TaskCompletionSource();

        Task<TokenAnswer>[] callers = [.. Enumerable.Range(0, 1000).Select(_ => _fixture.Get())];

        Assert.All(callers, caller => Assert.True(caller.IsCompletedSuccessfully));
        _fixture.Source.Gate.SetResult();
        await _fixture.Completed();
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_waiter_that_gives_up_leaves_the_fetch_to_the_others()
    {
        _fixture.Source.Gate = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        Task<TokenAnswer> first = _fixture.Get(impatient.Token);
        Task<TokenAnswer> second = _fixture.Get();

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _fixture.Source.Gate.SetResult();

        Assert.IsType<TokenAnswer.Token>(await second);
        Assert.Equal(1, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_fetch_that_everybody_gave_up_on_still_fills_the_cache()
    {
        _fixture.Source.Gate = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        Task<TokenAnswer> only = _fixture.Get(impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => only);

        _fixture.Source.Gate.SetResult();
        await _fixture.Completed();

        Assert.True(_fixture.Get().IsCompletedSuccessfully);
        Assert.Equal(1, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_failure_reaches_everybody_who_waited_for_it()
    {
        _fixture.Source.Gate = new TaskCompletionSource();
        _fixture.Source.Problem = Some.Problem(ProblemKind.LoginRequired);
        Task<TokenAnswer>[] callers = [.. Enumerable.Range(0, 10).Select(_ => _fixture.Get())];
        _fixture.Source.Gate.SetResult();

        Assert.All(await Task.WhenAll(callers), answer => Assert.Equal(new TokenAnswer.Failed(_fixture.Source.Problem), answer));
        Assert.Equal(1, _fixture.Source.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fetch_ends_after_twenty_seconds_whether_or_not_the_source_lets_go(bool ignoresCancellation)
    {
        _fixture.Source.Gate = new TaskCompletionSource();
        _fixture.Source.IgnoresCancellation = ignoresCancellation;
        Task<Problem> answer = _fixture.GetProblem();
        _fixture.Clock.Advance(Some.Seconds(19.9));
        Assert.False(answer.IsCompleted);

        _fixture.Clock.Advance(Some.Seconds(0.1));

        Assert.Equal(ProblemKind.Unreachable, (await answer).Kind);
    }

    [Fact]
    public async Task A_token_that_comes_after_the_limit_is_wiped()
    {
        _fixture.Source.Gate = new TaskCompletionSource();
        _fixture.Source.IgnoresCancellation = true;
        Task<Problem> answer = _fixture.GetProblem();
        _fixture.Clock.Advance(Some.Seconds(20));
        await answer;

        _fixture.Source.Gate.SetResult();

        Assert.True(SpinWait.SpinUntil(
            () => _fixture.Source.Issued is [var late] && late.Secret.IndexOfAnyExcept((byte)0) < 0, Some.Seconds(30)));
    }

    [Fact]
    public async Task An_exception_out_of_a_source_is_a_problem_that_names_its_type_and_nothing_more()
    {
        _fixture.Source.Exception = new FormatException("SENTINEL-in-an-exception");

        Problem problem = await _fixture.GetProblem();

        Assert.Equal((ProblemKind.Internal, "a fault in ark: FormatException"), (problem.Kind, problem.Message));
        Assert.DoesNotContain("SENTINEL", problem.ToString(), StringComparison.Ordinal);
        Assert.Same(_fixture.Source.Exception, Assert.Single(_fixture.Faults));
        Assert.Equal(1, _fixture.Cache.Faults);
    }

    [Fact]
    public async Task Disposing_the_cache_ends_its_fetches_and_wipes_its_tokens()
    {
        await _fixture.Get();
        var slow = new FakeSource(_fixture.Clock, "slow") { Gate = new TaskCompletionSource() };
        Task<TokenAnswer> waiting = _fixture.Get(slow);

        _fixture.Cache.Dispose();

        Assert.Equal("the daemon is stopping", Assert.IsType<TokenAnswer.Failed>(await waiting).Problem.Message);
        Assert.True(_fixture.Source.Issued[0].Secret.IndexOfAnyExcept((byte)0) < 0);
    }
}
