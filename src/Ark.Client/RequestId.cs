using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ark.Client.Unix;

namespace Ark.Client;

/// <summary>Numbers that nobody can guess, by which an answer is known to be the answer to our request.</summary>
internal static unsafe partial class RequestId
{
    public static ulong New()
    {
        // Straight from the system: .NET's random numbers come from OpenSSL, which takes longer to load than this whole process
        // runs and cannot be loaded into a static executable at all. Should the system have none to give, the connection alone
        // ties the answer to the request, as it does in most protocols.
        byte* bytes = stackalloc byte[sizeof(ulong)];
        _ = OperatingSystem.IsWindows()
            ? BCryptGenRandom(0, bytes, sizeof(ulong), 2 /* BCRYPT_USE_SYSTEM_PREFERRED_RNG */)
            : Sockets.getentropy(bytes, sizeof(ulong));
        return BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(bytes, sizeof(ulong)));
    }

    [LibraryImport("bcrypt")]
    private static partial int BCryptGenRandom(nint algorithm, byte* bytes, uint count, uint flags);
}
