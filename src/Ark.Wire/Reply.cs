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

    /// <summary>
    /// The frames to send, in order: nearly always one. A long listing is cut into parts. The caller wipes them when they are sent.
    /// </summary>
    public IEnumerable<byte[]> ToFrames(ulong requestId)
    {
        int sent = 0;
        for (; Stdout.Length - sent > PartLength; sent += PartLength)
        {
            yield return Frame.Join(FrameType.ReplyPart, requestId, Stdout.AsSpan(sent, PartLength));
        }

        yield return Last(requestId, Stdout.AsSpan(sent));
    }

    /// <summary>Whether <see cref="WriteFrame"/> can send it.</summary>
    internal bool FitsOneFrame => Stdout.Length <= PartLength;

    /// <summary>Writes the one frame of an answer that fits, into room for the largest; its length.</summary>
    internal int WriteFrame(Span<byte> room, ulong requestId) => WriteLast(room, requestId, Stdout);

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

    private byte[] Last(ulong requestId, ReadOnlySpan<byte> rest)
    {
        byte[] frame = GC.AllocateUninitializedArray<byte>(Frame.HeaderLength + rest.Length + MaxStderr + MaxFields, pinned: true);
        int length = WriteLast(frame, requestId, rest);
        byte[] exact = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        frame.AsSpan(0, length).CopyTo(exact);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(frame);
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
