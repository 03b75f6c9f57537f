using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class ForgetTests : IDisposable
{
    private readonly TokenFixture _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task An_erased_token_is_wiped_and_the_next_request_fetches_a_new_one()
    {
        await _desk.Get();
        _desk.Clock.Advance(Some.Seconds(10));
        _desk.Forget();

        Assert.True(_desk.Source.Issued[0].Secret.IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(TokenState.Expired, _desk.Status.State);
        Assert.Equal("SENTINEL-profile tbd-2", await _desk.GetSecret());
        Assert.Equal(FetchReason.Erased, _desk.Status.LastFetchReason);
    }

    [Fact]
    public async Task A_token_younger_than_ten_seconds_survives_an_erase()
    {
        await _desk.Get();
        _desk.Clock.Advance(Some.Seconds(9.9));
        _desk.Forget();

        Assert.Equal("SENTINEL-profile tbd-1", await _desk.GetSecret());
    }

    [Fact]
    public async Task A_loop_of_erase_and_get_costs_one_fetch_in_ten_seconds()
    {
        for (int i = 0; i < 20 * 60; i++)
        {
            await _desk.GetToken();
            _desk.Forget();
            _desk.Clock.Advance(Some.Seconds(1.0 / 20));
        }

        Assert.InRange(_desk.Source.Calls, 6, 7);
    }

    [Fact]
    public async Task An_erase_during_a_failure_starts_no_fetch_of_its_own()
    {
        await _desk.Get();
        _desk.Clock.Advance(The.HalfLife);
        _desk.Source.Problem = Some.Problem(ProblemKind.Throttled);
        await _desk.Get();
        await _desk.Landed();
        _desk.Forget();

        Assert.Equal(ProblemKind.Throttled, (await _desk.GetProblem()).Kind);
        Assert.Equal(2, _desk.Source.Calls);
    }

    [Fact]
    public async Task The_loop_does_not_fetch_what_was_erased()
    {
        await _desk.Get();
        _desk.Clock.Advance(Some.Hours(1));
        _desk.Forget();

        Assert.Null(await _desk.Cache.RefreshDueAsync(4, CancellationToken.None));
        Assert.Equal(1, _desk.Source.Calls);
    }

    [Fact]
    public void Erasing_what_is_not_there_is_nothing()
    {
        _desk.Forget();

        Assert.Empty(_desk.Cache.Snapshot());
    }
}
