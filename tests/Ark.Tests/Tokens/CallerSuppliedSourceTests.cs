using System.Runtime.CompilerServices;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class CallerSuppliedSourceTests : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_is_kept_only_when_it_outlives_its_request(bool outlives)
    {
        WeakReference source = await AskOnce(outlives);
        // Off the stack that answered, which still has the source in its frames.
        await Task.Yield();

        bool collected = SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                return !source.IsAlive;
            },
            outlives ? TimeSpan.Zero : Some.Seconds(30));

        Assert.Equal(!outlives, collected);
        Assert.NotEmpty(_fixture.Cache.Snapshot());
    }

    [Fact]
    public async Task The_loop_leaves_supplied_keys_alone_and_a_request_refreshes_behind_its_own_answer()
    {
        FakeSource supplied = new(_fixture.Clock) { OutlivesRequest = false };
        await _fixture.Get(supplied);
        _fixture.Clock.Advance(The.HalfLife);
        Assert.Null(await _fixture.Cache.RefreshDueAsync(4, CancellationToken.None));
        Assert.Equal(1, supplied.Calls);

        FakeSource suppliedAgain = new(_fixture.Clock) { OutlivesRequest = false };
        await _fixture.Get(suppliedAgain);
        await _fixture.Completed();

        Assert.Equal((1, 1), (supplied.Calls, suppliedAgain.Calls));
    }

    [Fact]
    public async Task The_loop_asks_the_newest_source_to_the_minute()
    {
        FakeSource newer = new(_fixture.Clock);
        await _fixture.Get();
        _fixture.Clock.Advance(Some.Minutes(1));
        await _fixture.Get(newer);
        _fixture.Clock.Advance(The.HalfLife);
        await _fixture.Cache.RefreshDueAsync(4, CancellationToken.None);

        Assert.Equal((1, 1), (_fixture.Source.Calls, newer.Calls));
    }

    [Fact]
    public async Task What_a_source_gives_for_keeping_is_kept_in_its_place()
    {
        FakeSource kept = new(_fixture.Clock);
        _fixture.Source.Kept = kept;
        await _fixture.Get();
        _fixture.Clock.Advance(The.HalfLife);
        await _fixture.Cache.RefreshDueAsync(4, CancellationToken.None);

        Assert.Equal((1, 1), (_fixture.Source.Calls, kept.Calls));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference> AskOnce(bool outlives)
    {
        var source = new FakeSource(_fixture.Clock, "supplied") { OutlivesRequest = outlives };
        await _fixture.Get(source);
        await _fixture.Completed();
        return new WeakReference(source);
    }
}
