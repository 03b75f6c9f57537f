using System.Buffers.Binary;
using System.Text;

namespace Ark.Wire;

/// <summary>
/// Reads a body field by field. Anything short, long or not UTF-8 makes <see cref="Complete"/> false; the fields read until then
/// are empty, never half.
/// </summary>
internal ref struct BodyReader(ReadOnlySpan<byte> body)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

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
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            _failed = true;
            return "";
        }
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
