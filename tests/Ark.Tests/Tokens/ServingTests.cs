using System.Text;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class ServingTests : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task The_first_request_fetches_and_the_next_is_served_from_memory()
    {
        TokenAnswer.Token first = await _fixture.GetToken();
        _fixture.Clock.Advance(Some.Hours(5));

        Assert.Equal("AWS", first.Username);
        Assert.Equal("SENTINEL-profile tbd-1", await _fixture.GetSecret());
        Assert.Equal(_fixture.Source.Issued[0].ExpiresAt, first.ExpiresAt);
        Assert.Null(first.Warning);
        Assert.Equal(1, _fixture.Source.Calls);
    }

    [Fact]
    public async Task Past_half_life_the_old_token_is_answered_at_once_and_a_new_one_is_fetched_behind_it()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.HalfLife);
        _fixture.Source.Gate = new TaskCompletionSource();

        Task<string> answer = _fixture.GetSecret();

        Assert.True(answer.IsCompleted);
        Assert.Equal("SENTINEL-profile tbd-1", await answer);
        _fixture.Source.Gate.SetResult();
        await _fixture.Completed();
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
        Assert.Equal(2, _fixture.Source.Calls);
        Assert.Equal(FetchReason.Proactive, _fixture.Status.LastFetchReason);
    }

    [Theory]
    [InlineData(0.0, 0.9)]
    [InlineData(0.5, 1.0)]
    [InlineData(0.999999999, 1.1)]
    public async Task The_refresh_time_lies_within_a_tenth_of_half_life_where_the_jitter_put_it(double jitter, double share)
    {
        _fixture.Jitter = jitter;
        await _fixture.Get();
        _fixture.Jitter = 0.5;

        _fixture.Clock.Advance((The.HalfLife * share) - Some.Seconds(2));
        await _fixture.Get();
        await _fixture.Completed();
        Assert.Equal(1, _fixture.Source.Calls);

        _fixture.Clock.Advance(Some.Seconds(4));
        await _fixture.Get();
        await _fixture.Completed();
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_token_with_less_than_the_minimum_left_is_not_handed_out_while_a_fetch_can_be_had()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.Life - The.Policy.MinRemaining + Some.Seconds(1));

        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
        Assert.Equal(FetchReason.Expired, _fixture.Status.LastFetchReason);
    }

    [Fact]
    public async Task A_token_with_exactly_the_minimum_left_is_handed_out_without_a_wait()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.Life - The.Policy.MinRemaining);
        _fixture.Source.Gate = new TaskCompletionSource();

        Assert.True(_fixture.GetSecret().IsCompletedSuccessfully);
        _fixture.Source.Gate.SetResult();
    }

    [Fact]
    public async Task When_a_fetch_failed_a_token_above_the_floor_goes_out_with_a_warning()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.Life - Some.Minutes(3));
        _fixture.Source.Problem = Some.Problem(ProblemKind.ServiceFailure);

        TokenAnswer.Token answer = await _fixture.GetToken();

        Assert.Equal("the token has only 3 minutes left and could not be renewed: it went wrong with ServiceFailure", answer.Warning);
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task When_a_fetch_failed_a_token_exactly_at_the_floor_still_goes_out_and_one_below_it_does_not()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.Life - The.Policy.Floor);
        _fixture.Source.Problem = Some.Problem(ProblemKind.ServiceFailure);
        Assert.Equal(
            "the token has only 60 seconds left and could not be renewed: it went wrong with ServiceFailure",
            (await _fixture.GetToken()).Warning);

        _fixture.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(_fixture.Source.Problem, await _fixture.GetProblem());
    }

    [Fact]
    public async Task The_minimum_and_the_floor_are_those_of_the_request()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.Life - Some.Minutes(10));
        _fixture.Policy = new RefreshPolicy(0.5, Some.Minutes(15));

        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Fact]
    public async Task A_share_close_to_one_still_refreshes_before_anybody_has_to_wait()
    {
        _fixture.Policy = new RefreshPolicy(1, Some.Minutes(5));
        _fixture.Jitter = 0.9;
        await _fixture.Get();
        _fixture.Clock.Advance(The.Life - The.Policy.MinRemaining);

        Assert.Equal("SENTINEL-profile tbd-1", await _fixture.GetSecret());
        await _fixture.Completed();
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_token_that_is_short_from_the_start_is_handed_out_with_a_warning_and_renewed_by_its_share_not_by_each_request()
    {
        _fixture.Source.Life = Some.Minutes(4);
        for (int second = 0; second < 600; second++)
        {
            TokenAnswer.Token answer = await _fixture.GetToken();
            await _fixture.Completed();
            Assert.StartsWith("the token from ecr in eu-west-1 has only ", answer.Warning, StringComparison.Ordinal);
            _fixture.Clock.Advance(Some.Seconds(1));
        }

        Assert.Equal(5, _fixture.Source.Calls);
    }

    [Theory]
    [InlineData(59.0)]
    [InlineData(0.0)]
    [InlineData(-3600.0)]
    public async Task A_new_token_that_is_dead_or_below_the_floor_is_a_bad_answer_and_is_wiped(double seconds)
    {
        _fixture.Source.Life = Some.Seconds(seconds);

        Problem problem = await _fixture.GetProblem();

        Assert.Equal(ProblemKind.BadAnswer, problem.Kind);
        Assert.Contains("this machine's clock", problem.Message, StringComparison.Ordinal);
        Assert.True(IsWiped(_fixture.Source.Issued[0]));
    }

    [Fact]
    public async Task A_bad_answer_does_not_push_out_a_good_token()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.HalfLife);
        _fixture.Source.Life = Some.Seconds(-1);
        await _fixture.Get();
        await _fixture.Completed();

        Assert.Equal("SENTINEL-profile tbd-1", await _fixture.GetSecret());
        Assert.Equal(ProblemKind.BadAnswer, _fixture.Status.LastError?.Kind);
    }

    [Fact]
    public async Task A_promise_of_a_hundred_years_is_taken_for_twelve_hours()
    {
        _fixture.Source.Life = TimeSpan.FromDays(36500);

        Assert.Equal(_fixture.Clock.Now + The.Life, (await _fixture.GetToken()).ExpiresAt);
        _fixture.Clock.Advance(The.Life);
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Fact]
    public async Task A_token_is_as_old_as_the_question_that_brought_it()
    {
        _fixture.Source.Life = TimeSpan.FromDays(1);
        _fixture.Source.Gate = new TaskCompletionSource();
        Task<TokenAnswer.Token> answer = _fixture.GetToken();
        DateTimeOffset asked = _fixture.Clock.Now;
        _fixture.Clock.Advance(Some.Seconds(15));
        _fixture.Source.Gate.SetResult();

        Assert.Equal(asked + The.Life, (await answer).ExpiresAt);
    }

    [Fact]
    public async Task A_clock_put_back_while_a_short_token_is_fetched_does_not_make_it_live_longer()
    {
        _fixture.Source.Life = Some.Minutes(20);
        _fixture.Source.IssuesBeforeItWaits = true;
        _fixture.Source.Gate = new TaskCompletionSource();
        Task<TokenAnswer> answer = _fixture.Get();
        Assert.True(SpinWait.SpinUntil(() => _fixture.Source.Issued.Count == 1, Some.Seconds(30)));
        _fixture.Clock.JumpWall(Some.Hours(-3));
        _fixture.Source.Gate.SetResult();
        await answer;

        _fixture.Clock.Advance(Some.Minutes(15.1));
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Fact]
    public async Task A_new_token_wipes_the_one_that_it_replaces()
    {
        await _fixture.Get();
        Assert.Null(await _fixture.Refresh());

        Assert.True(IsWiped(_fixture.Source.Issued[0]));
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
        Assert.Equal(FetchReason.Forced, _fixture.Status.LastFetchReason);
    }

    [Fact]
    public async Task A_forced_refresh_that_fails_says_why_and_keeps_the_token()
    {
        await _fixture.Get();
        _fixture.Source.Problem = Some.Problem(ProblemKind.AccessDenied);

        Assert.Equal(_fixture.Source.Problem, await _fixture.Refresh());
        Assert.Equal("SENTINEL-profile tbd-1", await _fixture.GetSecret());
    }

    [Fact]
    public async Task Each_answer_is_a_copy_that_its_receiver_wipes()
    {
        TokenAnswer.Token first = await _fixture.GetToken();
        TokenAnswer.Token second = await _fixture.GetToken();
        first.Dispose();

        Assert.True(first.Secret.IsEmpty);
        Assert.Equal("SENTINEL-profile tbd-1", Encoding.UTF8.GetString(second.Secret));
        Assert.Equal("SENTINEL-profile tbd-1", await _fixture.GetSecret());
    }

    [Fact]
    public async Task An_answer_does_not_show_its_secret_as_text()
    {
        TokenAnswer.Token answer = await _fixture.GetToken();

        Assert.Equal("AWS token until 2026-01-03T00:00:00.0000000+00:00", answer.ToString());
    }

    [Fact]
    public async Task A_token_that_dies_between_the_decision_and_the_copy_is_not_handed_out()
    {
        var time = new ClockWithATrapDoor();
        using var fixture = new TokenFixture(time: time);
        fixture.Source = new FakeSource(time.Inner);
        Assert.IsType<TokenAnswer.Token>(await fixture.Get());
        time.JumpsAfterLooks = 1;

        Assert.Equal("the token ran out while it was being handed out", (await fixture.GetProblem()).Message);
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
