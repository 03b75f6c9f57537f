using System.Text;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class CapacityTests : IDisposable
{
    private readonly TokenFixture _fixture = new(capacity: 10);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Every_request_is_served_however_many_keys_there_are_and_no_more_than_the_capacity_is_kept()
    {
        FakeSource[] sources = Sources(50);
        foreach (FakeSource source in sources)
        {
            Assert.IsType<TokenAnswer.Token>(await _fixture.Get(source));
        }

        Assert.Equal(10, _fixture.Cache.Snapshot().Count);
    }

    [Fact]
    public async Task The_key_used_longest_ago_makes_room_and_its_secret_is_wiped()
    {
        FakeSource[] sources = Sources(11);
        foreach (FakeSource source in sources[..10])
        {
            await _fixture.Get(source);
        }

        await _fixture.Get(sources[0]);
        await _fixture.Get(sources[10]);

        Assert.True(IsWiped(sources[1].Issued[0]));
        Assert.All(sources.Where(source => source != sources[1]), source => Assert.False(IsWiped(source.Issued[0])));
        await _fixture.Get(sources[0]);
        Assert.Equal(1, sources[0].Calls);
        await _fixture.Get(sources[1]);
        Assert.Equal(2, sources[1].Calls);
    }

    [Fact]
    public async Task Use_counts_by_order_not_by_the_clock()
    {
        FakeSource[] sources = Sources(11);
        foreach (FakeSource source in sources[..10])
        {
            await _fixture.Get(source);
            _fixture.Clock.JumpWall(Some.Seconds(-20));
        }

        await _fixture.Get(sources[10]);

        Assert.True(IsWiped(sources[0].Issued[0]));
        Assert.Equal(10, sources.Count(source => !IsWiped(source.Issued[0])));
    }

    [Fact]
    public async Task Looking_at_the_status_and_refreshing_behind_do_not_count_as_use()
    {
        FakeSource[] sources = Sources(11);
        foreach (FakeSource source in sources[..10])
        {
            await _fixture.Get(source);
        }

        foreach (FakeSource source in sources[1..10])
        {
            await _fixture.Get(source);
        }

        _fixture.Clock.Advance(Some.Hours(7));
        await _fixture.Cache.RefreshDueAsync(4, CancellationToken.None);
        _fixture.Cache.Snapshot();
        await _fixture.Get(sources[10]);

        Assert.True(IsWiped(sources[0].Issued[^1]));
        Assert.False(IsWiped(sources[1].Issued[^1]));
    }

    [Fact]
    public async Task A_key_pushed_out_while_its_fetch_is_in_flight_still_gets_its_token_and_one_fetch_only()
    {
        _fixture.Source.Gate = new TaskCompletionSource();
        Task<TokenAnswer> first = _fixture.Get();
        foreach (FakeSource source in Sources(30))
        {
            await _fixture.Get(source);
        }

        Task<TokenAnswer> second = _fixture.Get();
        foreach (FakeSource source in Sources(30, "more"))
        {
            await _fixture.Get(source);
        }

        _fixture.Source.Gate.SetResult();

        Assert.IsType<TokenAnswer.Token>(await first);
        Assert.IsType<TokenAnswer.Token>(await second);
        Assert.Equal(1, _fixture.Source.Calls);
        Assert.True(_fixture.Get().IsCompletedSuccessfully);
        Assert.Equal(10, _fixture.Cache.Snapshot().Count);
    }

    [Fact]
    public async Task More_fetches_in_flight_than_there_is_room_for_all_serve_their_requests()
    {
        FakeSource[] sources = Sources(40);
        foreach (FakeSource source in sources)
        {
            source.Gate = new TaskCompletionSource();
        }

        Task<TokenAnswer>[] answers = [.. sources.Select(_fixture.Get)];
        foreach (FakeSource source in sources)
        {
            source.Gate!.SetResult();
        }

        Assert.All(await Task.WhenAll(answers), answer => Assert.IsType<TokenAnswer.Token>(answer));
        await _fixture.Completed();
        Assert.Equal(10, _fixture.Cache.Snapshot().Count);
        Assert.Equal(10, sources.Count(source => !IsWiped(source.Issued[0])));
    }

    [Fact]
    public async Task Under_constant_eviction_on_many_threads_no_answer_is_ever_wiped_or_mixed_up()
    {
        FakeSource[] sources = Sources(15);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 20_000),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, _) =>
            {
                FakeSource source = sources[i * 7 % sources.Length];
                var token = (TokenAnswer.Token)await _fixture.Get(source);
                Assert.StartsWith($"SENTINEL-{source.Identity}-", Encoding.UTF8.GetString(token.Secret), StringComparison.Ordinal);
            });

        Assert.All(sources, source => Assert.Equal(1, source.MostInFlight));
        Assert.Equal(10, _fixture.Cache.Snapshot().Count);
    }

    private static bool IsWiped(AuthorizationToken token) => token.Secret.IndexOfAnyExcept((byte)0) < 0;

    private FakeSource[] Sources(int count, string name = "profile") =>
        [.. Enumerable.Range(0, count).Select(i => new FakeSource(_fixture.Clock, $"{name} {i}"))];
}
