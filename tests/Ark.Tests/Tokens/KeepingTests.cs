using System.Text;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

/// <summary>Tokens that have no life of their own: kept for a while, or not at all, and changed where they come from.</summary>
public sealed class KeepingTests : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task What_is_kept_to_the_end_is_served_to_its_last_second_and_never_renewed_ahead()
    {
        _fixture.Policy = RefreshPolicy.ToTheEnd;
        _fixture.Source.Life = Some.Minutes(1);
        string first = await _fixture.GetSecret();
        Assert.Equal(_fixture.Status.ExpiresAt, _fixture.Status.RefreshAt);

        _fixture.Clock.Advance(Some.Seconds(59));
        TokenAnswer.Token last = await _fixture.GetToken();
        await _fixture.Completed();
        Assert.Equal((first, null, 1), (Encoding.UTF8.GetString(last.Secret), last.Warning, _fixture.Source.Calls));

        _fixture.Clock.Advance(Some.Seconds(1));
        Assert.NotEqual(first, await _fixture.GetSecret());
    }

    [Fact]
    public async Task What_is_not_kept_is_fetched_for_each_and_wiped()
    {
        _fixture.Policy = RefreshPolicy.Unkept;
        _fixture.Source.Life = TimeSpan.Zero;

        Assert.NotEqual(await _fixture.GetSecret(), await _fixture.GetSecret());
        Assert.Null(await _fixture.Refresh());

        Assert.Equal(3, _fixture.Source.Calls);
        Assert.Empty(_fixture.Cache.Snapshot());
        Assert.All(_fixture.Source.Issued, token => Assert.Equal(-1, token.Secret.IndexOfAnyExcept((byte)0)));
    }

    [Fact]
    public async Task A_failure_of_what_is_not_kept_is_told_and_not_kept()
    {
        _fixture.Policy = RefreshPolicy.Unkept;
        _fixture.Source.Problem = Some.Problem(ProblemKind.NotStored);

        Assert.Equal(ProblemKind.NotStored, (await _fixture.GetProblem()).Kind);
        Assert.Equal(ProblemKind.NotStored, (await _fixture.Refresh())?.Kind);
        _fixture.Source.Problem = null;

        Assert.NotEmpty(await _fixture.GetSecret());
    }

    [Fact]
    public async Task Who_stops_waiting_for_what_is_not_kept_ends_its_fetch()
    {
        _fixture.Policy = RefreshPolicy.Unkept;
        _fixture.Source.Gate = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        Task<TokenAnswer> waiting = _fixture.Get(stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task What_was_changed_where_it_comes_from_counts_no_more_however_young_it_is()
    {
        string first = await _fixture.GetSecret();

        _fixture.Cache.Invalidate(_fixture.Source.Key);

        Assert.NotEqual(first, await _fixture.GetSecret());
        Assert.Equal((2, FetchReason.Erased), (_fixture.Source.Calls, _fixture.Status.LastFetchReason));
    }

    [Fact]
    public async Task Nor_does_the_failure_from_before()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.NotStored);
        await _fixture.GetProblem();
        _fixture.Source.Problem = null;
        await _fixture.GetProblem();

        _fixture.Cache.Invalidate(_fixture.Source.Key);

        Assert.NotEmpty(await _fixture.GetSecret());
        _fixture.Cache.Invalidate(Some.Key("nobody"));
    }

    [Theory]
    [InlineData(ProblemKind.LoginRequired, true)]
    [InlineData(ProblemKind.MfaRequired, true)]
    [InlineData(ProblemKind.AccessDenied, false)]
    public async Task After_a_login_what_failed_for_want_of_it_is_tried_at_once(ProblemKind kind, bool served)
    {
        _fixture.Source.Problem = Some.Problem(kind);
        await _fixture.GetProblem();
        _fixture.Source.Problem = null;

        _fixture.Cache.SignedIn();

        if (served)
        {
            Assert.NotEmpty(await _fixture.GetSecret());
        }
        else
        {
            await _fixture.GetProblem();
        }
    }

    [Theory]
    [InlineData("ecr", "eu-west-1", "", "ecr in eu-west-1")]
    [InlineData("helper", "", "ghcr.io", "helper for ghcr.io")]
    [InlineData("command", "", "", "command")]
    public void A_key_says_where_its_tokens_come_from(string service, string region, string endpoint, string place) =>
        Assert.Equal(place, new TokenKey("", region, service, endpoint, "somebody").Place);
}
