using System.Security.Cryptography;

namespace Ark.Core.Tokens;

/// <summary>
/// Pinned memory for a secret that is on its way: the collector leaves no copies of it behind, and <see cref="Dispose"/> wipes it.
/// The usual sizes are used again, since pinned memory costs more to allocate than all the rest of a request, and the gaps that it
/// leaves between long-lived secrets are never given back.
/// </summary>
public sealed class SecretBuffer : IDisposable
{
    // A password of ECR has 2 to 3 kB. Together at most as much as one connection's buffers.
    private const int UsualSize = 4096;
    private const int KeptBuffers = 64;

    private static readonly byte[]?[] Free = new byte[]?[KeptBuffers];

    private readonly int _length;
    private byte[]? _bytes;

    private SecretBuffer(byte[] bytes, int length) => (_bytes, _length) = (bytes, length);

    /// <summary>The bytes; none after <see cref="Dispose"/>.</summary>
    public Span<byte> Span => _bytes is { } bytes ? bytes.AsSpan(0, _length) : [];

    /// <summary>A buffer of <paramref name="length"/> zeros.</summary>
    public static SecretBuffer Rent(int length) => new(
        length <= UsualSize ? TakeFree() ?? Allocate(UsualSize) : Allocate(length), length);

    /// <summary>A buffer that holds a copy of <paramref name="secret"/>.</summary>
    public static SecretBuffer CopyOf(ReadOnlySpan<byte> secret)
    {
        SecretBuffer copy = Rent(secret.Length);
        secret.CopyTo(copy.Span);
        return copy;
    }

    public void Dispose()
    {
        // Once only: a buffer given back twice would be lent to two at a time.
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
        {
            CryptographicOperations.ZeroMemory(bytes.AsSpan(0, _length));
            if (bytes.Length == UsualSize)
            {
                GiveBack(bytes);
            }
        }
    }

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"{_length} bytes";

    private static byte[] Allocate(int length) => GC.AllocateArray<byte>(length, pinned: true);

    private static byte[]? TakeFree()
    {
        int start = Thread.GetCurrentProcessorId();
        for (int i = 0; i < KeptBuffers; i++)
        {
            ref byte[]? place = ref Free[(start + i) % KeptBuffers];
            if (Volatile.Read(ref place) is not null && Interlocked.Exchange(ref place, null) is { } bytes)
            {
                return bytes;
            }
        }

        return null;
    }

    private static void GiveBack(byte[] bytes)
    {
        int start = Thread.GetCurrentProcessorId();
        for (int i = 0; i < KeptBuffers; i++)
        {
            ref byte[]? place = ref Free[(start + i) % KeptBuffers];
            if (Volatile.Read(ref place) is null && Interlocked.CompareExchange(ref place, bytes, null) is null)
            {
                return;
            }
        }
    }
}
