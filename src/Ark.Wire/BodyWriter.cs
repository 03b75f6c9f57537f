using System.Buffers.Binary;
using System.Text;

namespace Ark.Wire;

/// <summary>
/// Writes a body field by field into the room that it is given, which should be pinned where there are secrets. What does not fit sets
/// <see cref="Overflow"/> and is left out.
/// </summary>
internal ref struct BodyWriter(Span<byte> room)
{
    private readonly Span<byte> _room = room;
    private int _length;

    public bool Overflow { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _room[.._length];

    public void Byte(byte value)
    {
        if (Take(1) is [_, ..] place)
        {
            place[0] = value;
        }
    }

    public void UInt16(int value)
    {
        if (Take(2) is [_, ..] place)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(place, checked((ushort)value));
        }
    }

    /// <summary>A length of two bytes, then UTF-8.</summary>
    public void Text(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        if (length > ushort.MaxValue)
        {
            Overflow = true;
            return;
        }

        UInt16(length);
        Span<byte> place = Take(length);
        if (!Overflow)
        {
            Encoding.UTF8.GetBytes(value, place);
        }
    }

    /// <summary>A length of four bytes, then the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        if (Take(4 + value.Length) is [_, ..] place)
        {
            BinaryPrimitives.WriteInt32LittleEndian(place, value.Length);
            value.CopyTo(place[4..]);
        }
    }

    /// <summary>Forgets what was written, which may hold a secret.</summary>
    public readonly void Wipe() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(_room[.._length]);

    private Span<byte> Take(int count)
    {
        if (Overflow || count > _room.Length - _length)
        {
            Overflow = true;
            return default;
        }

        _length += count;
        return _room.Slice(_length - count, count);
    }
}
