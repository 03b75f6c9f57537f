using System.Runtime.CompilerServices;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class CallerSuppliedSourceTests : IDisposable
{
    private readonly TokenFixture _desk = new();

    public void Dispose() => _desk.Dispose();

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
        Assert.NotEmpty(_desk.Cache.Snapshot());
    }

    [Fact]
    public async Task The_loop_leaves_lent_keys_alone_and_a_request_refreshes_behind_its_own_answer()
    {
        FakeSource lent = new(_desk.Clock) { OutlivesRequest = false };
        await _desk.Get(lent);
        _desk.Clock.Advance(The.HalfLife);
        Assert.Null(await _desk.Cache.RefreshDueAsync(4, CancellationToken.None));
        Assert.Equal(1, lent.Calls);

        FakeSource lentAgain = new(_desk.Clock) { OutlivesRequest = false };
        await _desk.Get(lentAgain);
        await _desk.Landed();

        Assert.Equal((1, 1), (lent.Calls, lentAgain.Calls));
    }

    [Fact]
    public async Task The_loop_asks_the_newest_source()
    {
        FakeSource newer = new(_desk.Clock);
        await _desk.Get();
        await _desk.Get(newer);
        _desk.Clock.Advance(The.HalfLife);
        await _desk.Cache.RefreshDueAsync(4, CancellationToken.None);

        Assert.Equal((1, 1), (_desk.Source.Calls, newer.Calls));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference> AskOnce(bool outlives)
    {
        var source = new FakeSource(_desk.Clock, "lent") { OutlivesRequest = outlives };
        await _desk.Get(source);
        await _desk.Landed();
        return new WeakReference(source);
    }
}
