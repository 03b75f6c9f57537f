using System.Security.Cryptography;
using Ark.Wire;

namespace Ark.Client;

/// <summary>One request and its answer over an open connection.</summary>
internal static class RoundTrip
{
    /// <summary>The most that an answer may come to, over all its parts.</summary>
    private const int MaxAnswer = 16 * 1024 * 1024;

    public static RoundTripResult Ask(Connection connection, ReadOnlySpan<byte> requestFrame, ulong requestId, Deadline deadline)
    {
        // A daemon that sent its answer and closed before reading all of the request makes the write fail although the answer is
        // there, so only what is read decides.
        if (connection.Write(requestFrame, deadline) == Transfer.TimedOut)
        {
            return new RoundTripResult.TimedOut();
        }

        List<byte[]> parts = [];
        int total = 0;
        while (true)
        {
            byte[] header = new byte[Frame.HeaderLength];
            if (connection.Read(header, deadline) is not Transfer.Done and var broken)
            {
                return Broken(broken);
            }

            // An answer to somebody else's request is no answer: the id was drawn at random for this one.
            if (!Frame.TryRead(header, out Frame frame) || frame.RequestId != requestId || (total += frame.Length) > MaxAnswer)
            {
                return new RoundTripResult.Nonsense();
            }

            byte[] body = GC.AllocateUninitializedArray<byte>(frame.Length, pinned: true);
            if (connection.Read(body, deadline) is not Transfer.Done and var cut)
            {
                CryptographicOperations.ZeroMemory(body);
                return Broken(cut);
            }

            if (frame.Version != Frame.CurrentVersion)
            {
                return new RoundTripResult.OtherVersion(frame.Version);
            }

            if (frame.Type == FrameType.ReplyPart)
            {
                parts.Add(body);
                continue;
            }

            Reply? reply = frame.Type == FrameType.Reply ? Reply.Parse(body) : null;
            CryptographicOperations.ZeroMemory(body);
            return reply is null ? new RoundTripResult.Nonsense() : new RoundTripResult.Answered(Whole(reply, parts));
        }
    }

    private static RoundTripResult Broken(Transfer transfer) => transfer == Transfer.TimedOut ? new RoundTripResult.TimedOut() : new RoundTripResult.Died();

    private static Reply Whole(Reply last, List<byte[]> parts)
    {
        if (parts is [])
        {
            return last;
        }

        parts.Add(last.Stdout);
        byte[] stdout = new byte[parts.Sum(part => part.Length)];
        int place = 0;
        foreach (byte[] part in parts)
        {
            part.CopyTo(stdout, place);
            place += part.Length;
        }

        return last with { Stdout = stdout };
    }
}

/// <summary>How an exchange ended.</summary>
internal abstract record RoundTripResult
{
    private RoundTripResult()
    {
    }

    public sealed record Answered(Reply Reply) : RoundTripResult;

    /// <summary>The daemon speaks this other protocol version.</summary>
    public sealed record OtherVersion(byte Version) : RoundTripResult;

    /// <summary>The connection ended before the answer did: the daemon was stopped or killed.</summary>
    public sealed record Died : RoundTripResult;

    public sealed record TimedOut : RoundTripResult;

    /// <summary>Bytes came that are no answer to our request.</summary>
    public sealed record Nonsense : RoundTripResult;
}
