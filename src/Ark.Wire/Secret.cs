using System.Security.Cryptography;

namespace Ark.Wire;

/// <summary>
/// Bytes that nobody else may see, in memory that the collector does not move, so that wiping them leaves no copy behind. Whoever has
/// one disposes of it, which wipes it. Safe from any thread.
/// </summary>
public sealed class Secret : IDisposable
{
    // A password of ECR has 2 to 3 kB, and the answer that brings it, in base64, half as much again. Together at most half a megabyte.
    private const int UsualSize = 8192, KeptBuffers = 64;

    private static readonly byte[]?[] Free = new byte[]?[KeptBuffers];

    private readonly Lock _lock = new();
    private readonly int _length;
    private readonly bool _isRented;
    private byte[]? _bytes;

    /// <summary>Takes a copy; the caller still wipes its own.</summary>
    public Secret(ReadOnlySpan<byte> bytes)
        : this(Allocate(bytes.Length), bytes.Length, isRented: false) => bytes.CopyTo(_bytes);

    private Secret(byte[] bytes, int length, bool isRented) => (_bytes, _length, _isRented) = (bytes, length, isRented);

    /// <summary>The bytes; none after <see cref="Dispose"/>. What was taken before holds zeros then, unless it was rented.</summary>
    public ReadOnlySpan<byte> Bytes => Span;

    /// <summary>As <see cref="Bytes"/>, for whoever fills it; never used after <see cref="Dispose"/>.</summary>
    public Memory<byte> Memory => _bytes is { } bytes ? bytes.AsMemory(0, _length) : default;

    internal Span<byte> Span => _bytes is { } bytes ? bytes.AsSpan(0, _length) : [];

    /// <summary>
    /// A copy for somebody who alone has it, and not for long, in memory that is used again: pinned memory costs more to allocate than all
    /// the rest of a request, and the gaps that it leaves between long-lived secrets are never given back. Its bytes may be another's as
    /// soon as it is disposed of, so nobody may be reading them then.
    /// </summary>
    public static Secret RentCopy(ReadOnlySpan<byte> bytes)
    {
        Secret copy = Rent(bytes.Length);
        bytes.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>So many zeros, to be filled. As short-lived as <see cref="RentCopy"/>, and for the same reasons.</summary>
    public static Secret Rent(int length) => length > UsualSize
        ? new Secret(Allocate(length), length, isRented: false)
        : new Secret(TakeFree() ?? Allocate(UsualSize), length, isRented: true);

    /// <summary>A copy with a life of its own, or null when this one is wiped already.</summary>
    public Secret? Copy()
    {
        lock (_lock)
        {
            return _bytes is null ? null : new Secret(Span);
        }
    }

    public void Dispose()
    {
        byte[]? bytes;
        lock (_lock)
        {
            // Once only: memory given back twice would be lent to two at a time.
            (bytes, _bytes) = (_bytes, null);
        }

        CryptographicOperations.ZeroMemory(bytes.AsSpan(0, bytes is null ? 0 : _length));
        if (_isRented && bytes is not null)
        {
            GiveBack(bytes);
        }
    }

    /// <summary>Never the bytes.</summary>
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
