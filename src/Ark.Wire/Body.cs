using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Ark.Wire;

/// <summary>
/// Reads a body field by field. Anything short, long or not UTF-8 makes <see cref="Complete"/> false; the fields read until then
/// are empty, never half.
/// </summary>
internal ref struct BodyReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;
    private bool _failed;

    /// <summary>Everything was there and nothing is left over.</summary>
    public readonly bool Complete => !_failed && _rest.IsEmpty;

    public readonly bool Failed => _failed;

    public byte Byte() => Take(1) is [byte value] ? value : (byte)0;

    public int UInt16() => Take(2) is [_, _] bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : 0;

    public string Text()
    {
        ReadOnlySpan<byte> bytes = ShortBytes();
        _failed |= !Utf8.IsValid(bytes);
        return _failed ? "" : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A length of two bytes, then as many.</summary>
    public ReadOnlySpan<byte> ShortBytes() => Take(UInt16());

    public ReadOnlySpan<byte> Bytes()
    {
        uint length = Take(4) is [_, _, _, _] bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        return length > Frame.MaxBody ? Fail() : Take((int)length);
    }

    /// <summary>As <see cref="Bytes"/>, in an array that stays where it is, so that whoever wipes it wipes the only copy.</summary>
    public byte[] Secret()
    {
        ReadOnlySpan<byte> bytes = Bytes();
        byte[] copy = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(copy);
        return copy;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_failed || count > _rest.Length)
        {
            return Fail();
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private ReadOnlySpan<byte> Fail()
    {
        _failed = true;
        return default;
    }
}

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
        Span<byte> place = TakeText(Encoding.UTF8.GetByteCount(value));
        _ = Encoding.UTF8.TryGetBytes(value, place, out _);
    }

    /// <summary>The same for what is UTF-8 already.</summary>
    public void Text(ReadOnlySpan<byte> value) => _ = value.TryCopyTo(TakeText(value.Length));

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

    private Span<byte> TakeText(int length)
    {
        Overflow |= length > ushort.MaxValue;
        UInt16(length);
        return Take(length);
    }

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
