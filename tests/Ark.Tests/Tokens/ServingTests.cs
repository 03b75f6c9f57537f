using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class ServingTests : IDisposable
{
    private readonly TokenFixture _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task The_first_request_fetches_and_the_next_is_served_from_memory()
    {
        TokenAnswer.Token first = await _desk.GetToken();
        _desk.Clock.Advance(Some.Hours(5));

        Assert.Equal("AWS", first.Username);
        Assert.Equal("SENTINEL-profile tbd-1", await _desk.GetSecret());
        Assert.Equal(_desk.Source.Issued[0].ExpiresAt, first.ExpiresAt);
        Assert.Null(first.Warning);
        Assert.Equal(1, _desk.Source.Calls);
    }

    [Fact]
    public async Task Past_half_life_the_old_token_is_answered_at_once_and_a_new_one_is_fetched_behind_it()
    {
        await _desk.Get();
        _desk.Clock.Advance(The.HalfLife);
        _desk.Source.Gate = new TaskCompletionSource();

        Task<string> answer = _desk.GetSecret();

        Assert.True(answer.IsCompleted);
        Assert.Equal("SENTINEL-profile tbd-1", await answer);
        _desk.Source.Gate.SetResult();
        await _desk.Landed();
        Assert.Equal("SENTINEL-profile tbd-2", await _desk.GetSecret());
        Assert.Equal(2, _desk.Source.Calls);
        Assert.Equal(FetchReason.Proactive, _desk.Status.LastFetchReason);
    }

    [Theory]
    [InlineData(0.0, 0.9)]
    [InlineData(0.5, 1.0)]
    [InlineData(0.999999999, 1.1)]
    public async Task The_refresh_time_lies_within_a_tenth_of_half_life_where_the_jitter_put_it(double jitter, double share)
    {
        _desk.Jitter = jitter;
        await _desk.Get();
        _desk.Jitter = 0.5;

        _desk.Clock.Advance((The.HalfLife * share) - Some.Seconds(2));
        await _desk.Get();
        await _desk.Landed();
        Assert.Equal(1, _desk.Source.Calls);

        _desk.Clock.Advance(Some.Seconds(4));
        await _desk.Get();
        await _desk.Landed();
        Assert.Equal(2, _desk.Source.Calls);
    }

    [Fact]
    public async Task A_token_with_less_than_the_minimum_left_is_not_handed_out_while_a_fetch_can_be_had()
    {
        await _desk.Get();
        _desk.Clock.Advance(The.Life - The.Policy.MinRemaining + Some.Seconds(1));

        Assert.Equal("SENTINEL-profile tbd-2", await _desk.GetSecret());
        Assert.Equal(FetchReason.Expired, _desk.Status.LastFetchReason);
    }

    [Fact]
    public async Task A_token_with_exactly_the_minimum_left_is_handed_out_without_a_wait()
    {
        await _desk.Get();
        _desk.Clock.Advance(The.Life - The.Policy.MinRemaining);
        _desk.Source.Gate = new TaskCompletionSource();

        Assert.True(_desk.GetSecret().IsCompletedSuccessfully);
        _desk.Source.Gate.SetResult();
    }

    [Fact]
    public async Task When_a_fetch_failed_a_token_above_the_floor_goes_out_with_a_warning()
    {
        await _desk.Get();
        _desk.Clock.Advance(The.Life - Some.Minutes(3));
        _desk.Source.Problem = Some.Problem(ProblemKind.ServiceFailure);

        TokenAnswer.Token answer = await _desk.GetToken();

        Assert.Equal("the token has only 3 minutes left and could not be renewed: it went wrong with ServiceFailure", answer.Warning);
        Assert.Equal(2, _desk.Source.Calls);
    }

    [Fact]
    public async Task When_a_fetch_failed_a_token_exactly_at_the_floor_still_goes_out_and_one_below_it_does_not()
    {
        await _desk.Get();
        _desk.Clock.Advance(The.Life - The.Policy.Floor);
        _desk.Source.Problem = Some.Problem(ProblemKind.ServiceFailure);
        Assert.Equal("the token has only 60 seconds left and could not be renewed: it went wrong with ServiceFailure", (await _desk.GetToken()).Warning);

        _desk.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(_desk.Source.Problem, await _desk.GetProblem());
    }

    [Fact]
    public async Task The_minimum_and_the_floor_are_those_of_the_request()
    {
        await _desk.Get();
        _desk.Clock.Advance(The.Life - Some.Minutes(10));
        _desk.Policy = new RefreshPolicy(0.5, Some.Minutes(15));

        Assert.Equal("SENTINEL-profile tbd-2", await _desk.GetSecret());
    }

    [Fact]
    public async Task A_share_close_to_one_still_refreshes_before_anybody_has_to_wait()
    {
        _desk.Policy = new RefreshPolicy(1, Some.Minutes(5));
        _desk.Jitter = 0.9;
        await _desk.Get();
        _desk.Clock.Advance(The.Life - The.Policy.MinRemaining);

        Assert.Equal("SENTINEL-profile tbd-1", await _desk.GetSecret());
        await _desk.Landed();
        Assert.Equal(2, _desk.Source.Calls);
    }

    [Fact]
    public async Task A_token_that_is_short_from_the_start_is_handed_out_with_a_warning_and_renewed_by_its_share_not_by_each_request()
    {
        _desk.Source.Life = Some.Minutes(4);
        for (int second = 0; second < 600; second++)
        {
            TokenAnswer.Token answer = await _desk.GetToken();
            await _desk.Landed();
            Assert.StartsWith("the token from ecr in eu-west-1 has only ", answer.Warning, StringComparison.Ordinal);
            _desk.Clock.Advance(Some.Seconds(1));
        }

        Assert.Equal(5, _desk.Source.Calls);
    }

    [Theory]
    [InlineData(59.0)]
    [InlineData(0.0)]
    [InlineData(-3600.0)]
    public async Task A_new_token_that_is_dead_or_below_the_floor_is_a_bad_answer_and_is_wiped(double seconds)
    {
        _desk.Source.Life = Some.Seconds(seconds);

        Problem problem = await _desk.GetProblem();

        Assert.Equal(ProblemKind.BadAnswer, problem.Kind);
        Assert.Contains("this machine's clock", problem.Message, StringComparison.Ordinal);
        Assert.True(IsWiped(_desk.Source.Issued[0]));
    }

    [Fact]
    public async Task A_bad_answer_does_not_push_out_a_good_token()
    {
        await _desk.Get();
        _desk.Clock.Advance(The.HalfLife);
        _desk.Source.Life = Some.Seconds(-1);
        await _desk.Get();
        await _desk.Landed();

        Assert.Equal("SENTINEL-profile tbd-1", await _desk.GetSecret());
        Assert.Equal(ProblemKind.BadAnswer, _desk.Status.LastError?.Kind);
    }

    [Fact]
    public async Task A_promise_of_a_hundred_years_is_taken_for_twelve_hours()
    {
        _desk.Source.Life = TimeSpan.FromDays(36500);

        Assert.Equal(_desk.Clock.Now + The.Life, (await _desk.GetToken()).ExpiresAt);
        _desk.Clock.Advance(The.Life);
        Assert.Equal("SENTINEL-profile tbd-2", await _desk.GetSecret());
    }

    [Fact]
    public async Task A_token_is_as_old_as_the_question_that_brought_it()
    {
        _desk.Source.Life = TimeSpan.FromDays(1);
        _desk.Source.Gate = new TaskCompletionSource();
        Task<TokenAnswer.Token> answer = _desk.GetToken();
        DateTimeOffset asked = _desk.Clock.Now;
        _desk.Clock.Advance(Some.Seconds(15));
        _desk.Source.Gate.SetResult();

        Assert.Equal(asked + The.Life, (await answer).ExpiresAt);
    }

    [Fact]
    public async Task A_clock_put_back_while_a_short_token_is_fetched_does_not_make_it_live_longer()
    {
        _desk.Source.Life = Some.Minutes(20);
        _desk.Source.IssuesBeforeItWaits = true;
        _desk.Source.Gate = new TaskCompletionSource();
        Task<TokenAnswer> answer = _desk.Get();
        Assert.True(SpinWait.SpinUntil(() => _desk.Source.Issued.Count == 1, Some.Seconds(30)));
        _desk.Clock.JumpWall(Some.Hours(-3));
        _desk.Source.Gate.SetResult();
        await answer;

        _desk.Clock.Advance(Some.Minutes(15.1));
        Assert.Equal("SENTINEL-profile tbd-2", await _desk.GetSecret());
    }

    [Fact]
    public async Task A_new_token_wipes_the_one_that_it_replaces()
    {
        await _desk.Get();
        Assert.Null(await _desk.Refresh());

        Assert.True(IsWiped(_desk.Source.Issued[0]));
        Assert.Equal("SENTINEL-profile tbd-2", await _desk.GetSecret());
        Assert.Equal(FetchReason.Forced, _desk.Status.LastFetchReason);
    }

    [Fact]
    public async Task A_forced_refresh_that_fails_says_why_and_keeps_the_token()
    {
        await _desk.Get();
        _desk.Source.Problem = Some.Problem(ProblemKind.AccessDenied);

        Assert.Equal(_desk.Source.Problem, await _desk.Refresh());
        Assert.Equal("SENTINEL-profile tbd-1", await _desk.GetSecret());
    }

    [Fact]
    public async Task Each_answer_is_a_copy_that_its_receiver_may_wipe()
    {
        (await _desk.GetToken()).Secret.AsSpan().Clear();

        Assert.Equal("SENTINEL-profile tbd-1", await _desk.GetSecret());
    }

    [Fact]
    public async Task An_answer_does_not_show_its_secret_as_text()
    {
        TokenAnswer.Token answer = await _desk.GetToken();

        Assert.Equal("AWS token until 2026-01-03T00:00:00.0000000+00:00", answer.ToString());
    }

    [Fact]
    public async Task A_token_that_dies_between_the_decision_and_the_copy_is_not_handed_out()
    {
        var time = new ClockWithATrapDoor();
        using var desk = new TokenFixture(time: time);
        desk.Source = new FakeSource(time.Inner);
        Assert.IsType<TokenAnswer.Token>(await desk.Get());
        time.JumpsAfterLooks = 1;

        Assert.Equal("the token ran out while it was being handed out", (await desk.GetProblem()).Message);
    }

    private static bool IsWiped(AuthorizationToken token) => token.Secret.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>A wall clock that leaps ahead by 13 hours after so many looks at it.</summary>
    private sealed class ClockWithATrapDoor : TimeProvider
    {
        public ManualClock Inner { get; } = new();

        public int? JumpsAfterLooks { get; set; }

        public override long TimestampFrequency => Inner.TimestampFrequency;

        public override long GetTimestamp() => Inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow()
        {
            if (JumpsAfterLooks is { } looks)
            {
                JumpsAfterLooks = looks - 1;
                if (looks == 0)
                {
                    Inner.JumpWall(TimeSpan.FromHours(13));
                }
            }

            return Inner.GetUtcNow();
        }
    }
}
