using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class EraseTests : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task An_erased_token_is_wiped_and_the_next_request_fetches_a_new_one()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(Some.Seconds(10));
        _fixture.Erase();

        Assert.True(_fixture.Source.Issued[0].Secret.IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(TokenState.Expired, _fixture.Status.State);
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
        Assert.Equal(FetchReason.Erased, _fixture.Status.LastFetchReason);
    }

    [Fact]
    public async Task An_erased_token_is_wiped_however_young_it_is_and_the_next_request_need_not_wait()
    {
        await _fixture.Get();
        _fixture.Erase();

        Assert.True(_fixture.Source.Issued[0].Secret.IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal("SENTINEL-profile tbd-2", await _fixture.GetSecret());
    }

    [Fact]
    public async Task Several_erases_in_a_row_cost_one_fetch()
    {
        await _fixture.Get();
        for (int i = 0; i < 4; i++)
        {
            _fixture.Erase();
        }

        await _fixture.GetToken();
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task What_is_erased_again_within_ten_seconds_is_wiped_at_once_and_the_next_request_waits_for_the_rest()
    {
        await _fixture.Get();
        _fixture.Erase();
        await _fixture.GetToken();
        _fixture.Clock.Advance(Some.Seconds(3));
        _fixture.Erase();
        Assert.True(_fixture.Source.Issued[1].Secret.IndexOfAnyExcept((byte)0) < 0);

        Task<TokenAnswer> first = _fixture.Get();
        Task<TokenAnswer> second = _fixture.Get();
        _fixture.Clock.Advance(Some.Seconds(6.9));
        Assert.Equal((2, false), (_fixture.Source.Calls, first.IsCompleted));
        _fixture.Clock.Advance(Some.Seconds(0.1));

        Assert.All(await Task.WhenAll(first, second), answer => Assert.IsType<TokenAnswer.Token>(answer));
        Assert.Equal(3, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_person_who_asks_for_a_new_token_after_an_erase_does_not_wait()
    {
        await _fixture.Get();
        _fixture.Erase();
        await _fixture.GetToken();
        _fixture.Erase();

        Assert.Null(await _fixture.Refresh());
    }

    [Fact]
    public async Task A_loop_of_erase_and_get_costs_one_fetch_in_ten_seconds()
    {
        DateTimeOffset end = _fixture.Clock.Now + Some.Minutes(1);
        while (_fixture.Clock.Now < end)
        {
            Assert.IsType<TokenAnswer.Token>(await _fixture.GetPatiently());
            _fixture.Erase();
            _fixture.Clock.Advance(Some.Seconds(1.0 / 20));
        }

        // The first, the one that replaces it at once, and one in ten seconds from then on.
        Assert.InRange(_fixture.Source.Calls, 7, 8);
    }

    [Fact]
    public async Task An_erase_during_a_failure_starts_no_fetch_of_its_own()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(The.HalfLife);
        _fixture.Source.Problem = Some.Problem(ProblemKind.AccessDenied);
        await _fixture.Get();
        await _fixture.Completed();
        _fixture.Erase();

        Assert.Equal(ProblemKind.AccessDenied, (await _fixture.GetProblem()).Kind);
        Assert.Equal(2, _fixture.Source.Calls);
    }

    [Fact]
    public async Task The_loop_does_not_fetch_what_was_erased()
    {
        await _fixture.Get();
        _fixture.Clock.Advance(Some.Hours(1));
        _fixture.Erase();

        Assert.Null(await _fixture.Cache.RefreshDueAsync(4, CancellationToken.None));
        Assert.Equal(1, _fixture.Source.Calls);
    }

    [Fact]
    public void Erasing_what_is_not_there_is_nothing()
    {
        _fixture.Erase();

        Assert.Empty(_fixture.Cache.Snapshot());
    }
}
