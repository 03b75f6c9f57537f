using System.Security.Cryptography;

namespace Ark.Wire;

/// <summary>The daemon's whole answer, ready to be printed: the client adds nothing to it.</summary>
/// <param name="ExitCode">0 or 1; no client of the credential-helper protocol understands more.</param>
/// <param name="Stdout">The bytes for standard output. They may be a secret: print and forget.</param>
/// <param name="Stderr">The bytes for standard error; never a secret.</param>
/// <param name="Build">The daemon's version, such as <c>0.1.0</c>.</param>
public sealed record Reply(int ExitCode, byte[] Stdout, byte[] Stderr, string Build)
{
    /// <summary>What a <see cref="FrameType.ReplyPart"/> carries at most; leaves room for the other fields in the last frame.</summary>
    private const int PartLength = 48 * 1024;

    private const int MaxStderr = 8 * 1024;

    /// <summary>The build, the exit code, and two lengths.</summary>
    private const int MaxFields = 256;

    private Secret? _lent;
    private IReadOnlyList<byte[]> _pieces = [];

    /// <summary>The bytes for standard output; a copy of them where they were lent or are in pieces.</summary>
    public byte[] Stdout
    {
        get => _lent?.Bytes.ToArray() ?? (_pieces.Count == 0 ? field : [.. _pieces.SelectMany(static piece => piece)]);
        init;
    } = Stdout;

    private ReadOnlySpan<byte> Output => _lent is { } lent ? lent.Bytes : Stdout;

    /// <summary>A success whose output is in memory that is used again, of which the reply disposes.</summary>
    public static Reply Lending(Secret stdout, byte[] stderr, string build) => new(0, [], stderr, build) { _lent = stdout };

    /// <summary>A success with a listing of any length, whose pieces are each no longer than a part.</summary>
    public static Reply InPieces(IReadOnlyList<byte[]> stdout, string build) => new(0, [], [], build) { _pieces = stdout };

    /// <summary>
    /// The frames to send, in order: nearly always one. A long listing is cut into parts, all in the same memory: each counts until the
    /// next is taken. The caller wipes them when they are sent.
    /// </summary>
    public IEnumerable<byte[]> ToFrames(ulong requestId)
    {
        byte[]? room = null;
        foreach (byte[] piece in _pieces)
        {
            yield return Part(ref room, requestId, piece);
        }

        int sent = 0;
        for (; _pieces.Count == 0 && Output.Length - sent > PartLength; sent += PartLength)
        {
            yield return Part(ref room, requestId, Output.Slice(sent, PartLength));
        }

        yield return Last(requestId, _pieces.Count == 0 ? Output[sent..] : []);
    }

    /// <summary>Whether <see cref="WriteFrame"/> can send it.</summary>
    internal bool FitsOneFrame => _pieces.Count == 0 && Output.Length <= PartLength;

    /// <summary>Whether there is more than a megabyte of it.</summary>
    internal bool IsLarge => _pieces.Sum(static piece => piece.Length) > 1 << 20;

    /// <summary>Writes the one frame of an answer that fits, into room for the largest; its length.</summary>
    internal int WriteFrame(Span<byte> room, ulong requestId) => WriteLast(room, requestId, Output);

    /// <summary>For whoever has sent it.</summary>
    internal void Wipe()
    {
        CryptographicOperations.ZeroMemory(_lent is null && _pieces.Count == 0 ? Stdout : []);
        _lent?.Dispose();
    }

    /// <summary>Reads the body of a <see cref="FrameType.Reply"/> frame. Null when it is malformed.</summary>
    public static Reply? Parse(ReadOnlySpan<byte> bytes)
    {
        var body = new BodyReader(bytes);
        string build = body.Text();
        byte exitCode = body.Byte();
        byte[] stdout = body.Secret();
        byte[] stderr = body.Bytes().ToArray();
        return body.Complete && exitCode <= 1 ? new Reply(exitCode, stdout, stderr, build) : null;
    }

    /// <summary>Never the output, which may be a secret.</summary>
    public override string ToString() => $"exit {ExitCode} from {Build}";

    private static byte[] Part(ref byte[]? room, ulong requestId, ReadOnlySpan<byte> bytes)
    {
        if (room?.Length != Frame.HeaderLength + bytes.Length)
        {
            room = GC.AllocateUninitializedArray<byte>(Frame.HeaderLength + bytes.Length, pinned: true);
        }

        Frame.WriteHeader(room, FrameType.ReplyPart, requestId, bytes.Length);
        bytes.CopyTo(room.AsSpan(Frame.HeaderLength));
        return room;
    }

    private byte[] Last(ulong requestId, ReadOnlySpan<byte> rest)
    {
        byte[] frame = GC.AllocateUninitializedArray<byte>(Frame.HeaderLength + rest.Length + MaxStderr + MaxFields, pinned: true);
        int length = WriteLast(frame, requestId, rest);
        byte[] exact = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        frame.AsSpan(0, length).CopyTo(exact);
        CryptographicOperations.ZeroMemory(frame);
        return exact;
    }

    private int WriteLast(Span<byte> room, ulong requestId, ReadOnlySpan<byte> rest)
    {
        var body = new BodyWriter(room[Frame.HeaderLength..]);
        body.Text(Build);
        body.Byte(ExitCode == 0 ? (byte)0 : (byte)1);
        body.Bytes(rest);

        // Standard error is one or two lines; a runaway one is cut rather than lost with the whole answer.
        body.Bytes(Stderr.AsSpan(0, Math.Min(Stderr.Length, MaxStderr)));
        Frame.WriteHeader(room, FrameType.Reply, requestId, body.Written.Length);
        return Frame.HeaderLength + body.Written.Length;
    }
}
