using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Ark.Wire;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Ark.Client;

/// <summary>One request and its answer over an open connection.</summary>
internal static unsafe partial class RoundTrip
{
    /// <summary>The most that an answer may come to, over all its parts.</summary>
    private const int MaxAnswer = 16 * 1024 * 1024;

    /// <summary>A number that nobody can guess, by which an answer is known to be the answer to our request.</summary>
    public static ulong NewId()
    {
        // Straight from the system: .NET's random numbers come from OpenSSL, which takes longer to load than this whole process
        // runs and cannot be loaded into a static executable at all. Should the system have none to give, the connection alone
        // ties the answer to the request, as it does in most protocols.
        byte* bytes = stackalloc byte[sizeof(ulong)];
        _ = OperatingSystem.IsWindows()
            ? BCryptGenRandom(0, bytes, sizeof(ulong), 2 /* BCRYPT_USE_SYSTEM_PREFERRED_RNG */)
            : Libc.getentropy(bytes, sizeof(ulong));
        return BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(bytes, sizeof(ulong)));
    }

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
                return Broken(connection, broken);
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
                return Broken(connection, cut);
            }

            if (frame.Type == FrameType.SentBack)
            {
                return new RoundTripResult.SentBack();
            }

            if (frame.Version != Frame.CurrentVersion || frame.Type == FrameType.OtherVersion)
            {
                return new RoundTripResult.OtherVersion(frame.Version, Encoding.UTF8.GetString(body));
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

    private static RoundTripResult Broken(Connection connection, Transfer transfer) =>
        transfer == Transfer.TimedOut ? new RoundTripResult.TimedOut() : new RoundTripResult.Died(connection.Ending);

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

    [LibraryImport("bcrypt")]
    private static partial int BCryptGenRandom(nint algorithm, byte* bytes, uint count, uint flags);
}

/// <summary>How a round trip ended.</summary>
internal abstract record RoundTripResult
{
    private RoundTripResult()
    {
    }

    public sealed record Answered(Reply Reply) : RoundTripResult;

    /// <summary>The daemon speaks this other protocol version.</summary>
    public sealed record OtherVersion(byte Version, string Build) : RoundTripResult;

    /// <summary>The daemon sees other files than we do under the names that the request gives.</summary>
    public sealed record SentBack : RoundTripResult;

    /// <summary>The connection ended before the answer did: the daemon was ended or is not able to answer.</summary>
    public sealed record Died(Ending? Ending) : RoundTripResult;

    public sealed record TimedOut : RoundTripResult;

    /// <summary>Bytes came that are no answer to our request.</summary>
    public sealed record Nonsense : RoundTripResult;
}
