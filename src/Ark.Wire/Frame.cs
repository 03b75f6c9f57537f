using System.Buffers.Binary;

namespace Ark.Wire;

/// <summary>What a frame carries. Types below 0x80 go to the daemon, the others come from it.</summary>
public enum FrameType : byte
{
    /// <summary>A <see cref="Wire.Request"/>.</summary>
    Request = 0x01,

    /// <summary>
    /// Asks the daemon to finish what it is doing and exit. Understood by every version; the body is a <see cref="ShutdownRequest"/>.
    /// </summary>
    Leave = 0x02,

    /// <summary>A whole <see cref="Wire.Reply"/>, or the end of one that began with <see cref="ReplyPart"/> frames.</summary>
    Reply = 0x81,

    /// <summary>More bytes for standard output; a <see cref="Reply"/> frame follows.</summary>
    ReplyPart = 0x82,

    /// <summary>The daemon speaks another version, which is the one in the header; the body is its build.</summary>
    OtherVersion = 0x83,

    /// <summary>
    /// The request names files or programs, and the client sees others under those names than the daemon: it is to answer by its own
    /// one-shot. The header is of version <see cref="Frame.SentBackVersion"/>; the body is the daemon's build.
    /// </summary>
    SentBack = 0x84,
}

/// <summary>
/// The header in front of every body. Its layout never changes, so that any two versions can at least tell each other so:
/// <code>
/// offset  size  field
///      0     4  magic "ARK" 0x1A
///      4     1  protocol version
///      5     1  type
///      6     2  zero
///      8     4  length of the body, little endian, 1 to 65,536
///     12     8  request id, chosen at random by the client and echoed by the daemon
/// </code>
/// A connection carries one request and its answer; nothing after the request is ever read.
/// </summary>
public readonly record struct Frame(byte Version, FrameType Type, int Length, ulong RequestId)
{
    /// <summary>The protocol version of this build.</summary>
    public const byte CurrentVersion = 1;

    /// <summary>
    /// The first version whose clients know <see cref="FrameType.SentBack"/>. Older ones see a daemon that is newer than they are, and so
    /// do without it as well, with a warning.
    /// </summary>
    public const byte SentBackVersion = 2;

    public const int HeaderLength = 20;

    /// <summary>The largest body. A longer announcement ends the connection before a byte is allocated for it.</summary>
    public const int MaxBody = 65_536;

    private static ReadOnlySpan<byte> Magic => "ARK\x1A"u8;

    /// <summary>Reads a header. False for anything that is not one: wrong magic, a length of zero or beyond the limit.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Frame frame)
    {
        frame = default;
        if (bytes.Length < HeaderLength || !bytes.StartsWith(Magic) || BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]) != 0)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length is 0 or > MaxBody)
        {
            return false;
        }

        frame = new Frame(bytes[4], (FrameType)bytes[5], (int)length, BinaryPrimitives.ReadUInt64LittleEndian(bytes[12..]));
        return true;
    }

    /// <summary>
    /// Header and body in one buffer, to be sent by one write: a peer that answers early must not meet a half-sent frame.
    /// The buffer is pinned, so that whoever puts a secret in it can wipe it for good.
    /// </summary>
    public static byte[] Join(FrameType type, ulong requestId, ReadOnlySpan<byte> body, byte version = CurrentVersion)
    {
        ArgumentOutOfRangeException.ThrowIfZero(body.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, MaxBody);

        byte[] bytes = GC.AllocateUninitializedArray<byte>(HeaderLength + body.Length, pinned: true);
        WriteHeader(bytes, type, requestId, body.Length, version);
        body.CopyTo(bytes.AsSpan(HeaderLength));
        return bytes;
    }

    /// <summary>Writes the header for a body that stands behind it.</summary>
    internal static void WriteHeader(Span<byte> bytes, FrameType type, ulong requestId, int length, byte version = CurrentVersion)
    {
        Magic.CopyTo(bytes);
        bytes[4] = version;
        bytes[5] = (byte)type;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], (uint)length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[12..], requestId);
    }
}
