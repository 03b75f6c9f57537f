using Ark.Core.Tokens;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class SlotTableTests : IDisposable
{
    private readonly SlotTable _table;

    public SlotTableTests()
    {
        var clock = new AgeClock(new ManualClock());
        _table = new SlotTable(2, key => new TokenSlot(key, clock, () => 0.5));
    }

    public void Dispose() => _table.Dispose();

    [Fact]
    public void A_slot_that_comes_back_after_another_took_its_place_is_not_let_in_again()
    {
        TokenSlot first = _table.FindOrAdd(Some.Key("a"));
        _table.FindOrAdd(Some.Key("b"));
        _table.FindOrAdd(Some.Key("c"));
        TokenSlot second = _table.FindOrAdd(Some.Key("a"));
        Assert.NotSame(first, second);

        _table.Return(first);

        Assert.Same(second, _table.FindOrAdd(Some.Key("a")));
    }

    [Fact]
    public void A_dropped_slot_is_gone_and_its_key_starts_anew()
    {
        TokenSlot slot = _table.FindOrAdd(Some.Key("a"));
        _table.Drop(slot);

        Assert.Empty(_table.All());
        Assert.Null(_table.Find(Some.Key("a")));
        Assert.NotSame(slot, _table.FindOrAdd(Some.Key("a")));
    }
}
