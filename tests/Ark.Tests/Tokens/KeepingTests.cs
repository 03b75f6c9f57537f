using System.Text;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

/// <summary>Tokens that have no life of their own: kept for a while, or not at all, and changed where they come from.</summary>
public sealed class KeepingTests : IDisposable
{
    private readonly TokenFixture _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task What_is_kept_to_the_end_is_served_to_its_last_second_and_never_renewed_ahead()
    {
        _desk.Policy = RefreshPolicy.ToTheEnd;
        _desk.Source.Life = Some.Minutes(1);
        string first = await _desk.GetSecret();
        Assert.Equal(_desk.Status.ExpiresAt, _desk.Status.RefreshAt);

        _desk.Clock.Advance(Some.Seconds(59));
        TokenAnswer.Token last = await _desk.GetToken();
        await _desk.Landed();
        Assert.Equal((first, null, 1), (Encoding.UTF8.GetString(last.Secret), last.Warning, _desk.Source.Calls));

        _desk.Clock.Advance(Some.Seconds(1));
        Assert.NotEqual(first, await _desk.GetSecret());
    }

    [Fact]
    public async Task What_is_not_kept_is_fetched_for_each_and_wiped()
    {
        _desk.Policy = RefreshPolicy.Unkept;
        _desk.Source.Life = TimeSpan.Zero;

        Assert.NotEqual(await _desk.GetSecret(), await _desk.GetSecret());
        Assert.Null(await _desk.Refresh());

        Assert.Equal(3, _desk.Source.Calls);
        Assert.Empty(_desk.Cache.Snapshot());
        Assert.All(_desk.Source.Issued, token => Assert.Equal(-1, token.Secret.IndexOfAnyExcept((byte)0)));
    }

    [Fact]
    public async Task A_failure_of_what_is_not_kept_is_told_and_not_kept()
    {
        _desk.Policy = RefreshPolicy.Unkept;
        _desk.Source.Problem = Some.Problem(ProblemKind.NotStored);

        Assert.Equal(ProblemKind.NotStored, (await _desk.GetProblem()).Kind);
        Assert.Equal(ProblemKind.NotStored, (await _desk.Refresh())?.Kind);
        _desk.Source.Problem = null;

        Assert.NotEmpty(await _desk.GetSecret());
    }

    [Fact]
    public async Task Who_stops_waiting_for_what_is_not_kept_ends_its_fetch()
    {
        _desk.Policy = RefreshPolicy.Unkept;
        _desk.Source.Gate = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        Task<TokenAnswer> waiting = _desk.Get(stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task What_was_changed_where_it_comes_from_counts_no_more_however_young_it_is()
    {
        string first = await _desk.GetSecret();

        _desk.Cache.Invalidate(_desk.Source.Key);

        Assert.NotEqual(first, await _desk.GetSecret());
        Assert.Equal((2, FetchReason.Erased), (_desk.Source.Calls, _desk.Status.LastFetchReason));
    }

    [Fact]
    public async Task Nor_does_the_failure_from_before()
    {
        _desk.Source.Problem = Some.Problem(ProblemKind.NotStored);
        await _desk.GetProblem();
        _desk.Source.Problem = null;
        await _desk.GetProblem();

        _desk.Cache.Invalidate(_desk.Source.Key);

        Assert.NotEmpty(await _desk.GetSecret());
        _desk.Cache.Invalidate(Some.Key("nobody"));
    }

    [Theory]
    [InlineData("ecr", "eu-west-1", "", "ecr in eu-west-1")]
    [InlineData("helper", "", "ghcr.io", "helper for ghcr.io")]
    [InlineData("command", "", "", "command")]
    public void A_key_says_where_its_tokens_come_from(string service, string region, string endpoint, string place) =>
        Assert.Equal(place, new TokenKey("", region, service, endpoint, "somebody").Place);
}
