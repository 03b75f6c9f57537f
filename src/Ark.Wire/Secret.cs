using System.Security.Cryptography;

namespace Ark.Wire;

/// <summary>
/// Bytes that nobody else may see, in memory that the collector does not move, so that wiping them leaves no copy behind. Whoever has
/// one disposes of it, which wipes it. Safe from any thread.
/// </summary>
public sealed class Secret : IDisposable
{
    private readonly byte[] _bytes;
    private readonly Lock _lock = new();
    private bool _wiped;

    /// <summary>Takes a copy; the caller still wipes its own.</summary>
    public Secret(ReadOnlySpan<byte> bytes)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    /// <summary>The bytes; zeros after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The same for what takes no spans.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>A copy with a life of its own, or null when this one is wiped already.</summary>
    public Secret? Copy()
    {
        lock (_lock)
        {
            return _wiped ? null : new Secret(_bytes);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _wiped = true;
            CryptographicOperations.ZeroMemory(_bytes);
        }
    }

    /// <summary>Never the bytes.</summary>
    public override string ToString() => nameof(Secret);
}
