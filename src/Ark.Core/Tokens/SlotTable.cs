using Microsoft.Extensions.Caching.Memory;

namespace Ark.Core.Tokens;

/// <summary>
/// The slots by key, at most so many: the one used longest ago makes room, and is wiped. A slot whose fetch is in flight is never
/// lost, so that there is one slot, and one fetch, for a key at any time.
/// </summary>
internal sealed class SlotTable : IDisposable
{
    // Room is made for a twentieth at once, so that a flood of new keys does not sort all of them for each.
    private const int RoomShare = 20;

    // MemoryCache bounds the keys and knows which were used last. It cannot be walked without counting as use, and tells of what it
    // evicted on some other thread, later; so the slots are listed beside it, and those that it let go are wiped here, at once.
    private readonly MemoryCache _resident;
    private readonly Dictionary<TokenKey, TokenSlot> _slots = [];
    private readonly Lock _gate = new();
    private readonly int _capacity;
    private readonly Func<TokenKey, TokenSlot> _make;

    public SlotTable(int capacity, Func<TokenKey, TokenSlot> make)
    {
        _capacity = capacity;
        _make = make;
        _resident = new MemoryCache(new MemoryCacheOptions
        {
            SizeLimit = capacity,
            Clock = new UseOrder(),
            ExpirationScanFrequency = TimeSpan.MaxValue,
        });
    }

    public TokenSlot FindOrAdd(TokenKey key)
    {
        if (_resident.TryGetValue(key, out TokenSlot? slot))
        {
            return slot!;
        }

        lock (_gate)
        {
            if (!_slots.TryGetValue(key, out slot))
            {
                slot = _make(key);
                _slots.Add(key, slot);
            }

            Keep_NeedsLock(slot);
            return slot;
        }
    }

    /// <summary>The slot, if there is one. Does not count as use.</summary>
    public TokenSlot? Find(TokenKey key)
    {
        lock (_gate)
        {
            return _slots.GetValueOrDefault(key);
        }
    }

    /// <summary>All slots. Does not count as use.</summary>
    public TokenSlot[] All()
    {
        lock (_gate)
        {
            return [.. _slots.Values];
        }
    }

    /// <summary>To be called when a slot's fetch has landed: others may have pushed it out meanwhile, and now it is worth most.</summary>
    public void Return(TokenSlot slot)
    {
        lock (_gate)
        {
            // Between its landing and this line it may have been retired, and another slot have taken its place.
            if (_slots.GetValueOrDefault(slot.Key) == slot)
            {
                Keep_NeedsLock(slot);
            }
        }
    }

    public void Drop(TokenSlot slot)
    {
        lock (_gate)
        {
            if (slot.Retire())
            {
                slot.IsResident = false;
                _slots.Remove(slot.Key);
                _resident.Remove(slot.Key);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (TokenSlot slot in _slots.Values)
            {
                slot.Close();
            }

            _slots.Clear();
            _resident.Dispose();
        }
    }

    private void Keep_NeedsLock(TokenSlot slot)
    {
        if (slot.IsResident)
        {
            return;
        }

        if (_resident.Count >= _capacity)
        {
            MakeRoom_NeedsLock();
        }

        _resident.Set(slot.Key, slot, new MemoryCacheEntryOptions { Size = 1 });
        slot.IsResident = true;
    }

    private void MakeRoom_NeedsLock()
    {
        int leaving = Math.Max(1, _capacity / RoomShare);
        // Half an entry more, so that the share comes out as the whole number that was meant.
        _resident.Compact((leaving + 0.5) / _resident.Count);

        HashSet<object> staying = [.. _resident.Keys];
        foreach (TokenSlot slot in _slots.Values.Where(slot => slot.IsResident && !staying.Contains(slot.Key)).ToArray())
        {
            slot.IsResident = false;
            if (slot.Retire())
            {
                _slots.Remove(slot.Key);
            }
        }
    }
}
