using System.Buffers.Binary;
using System.Security.Cryptography;
using Ark.Client.Unix;

namespace Ark.Client;

/// <summary>Numbers that nobody can guess, by which an answer is known to be the answer to our request.</summary>
internal static unsafe class RequestId
{
    public static ulong New()
    {
        Span<byte> bytes = stackalloc byte[8];
        if (OperatingSystem.IsWindows())
        {
            RandomNumberGenerator.Fill(bytes);
        }
        else
        {
            // Straight from the system: .NET asks OpenSSL, which takes longer to load than this whole process runs and cannot be
            // loaded into a static executable at all. Should the system have none to give, the connection alone ties the answer
            // to the request, as it does in most protocols.
            fixed (byte* start = bytes)
            {
                _ = Sockets.getentropy(start, (nuint)bytes.Length);
            }
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
