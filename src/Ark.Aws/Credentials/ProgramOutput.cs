namespace Ark.Aws.Credentials;

/// <summary>What a program has printed so far. It holds keys and is wiped when it is disposed of.</summary>
internal sealed class ProgramOutput : IDisposable
{
    public const int MaxLength = 64 * 1024;

    // One more than allowed, to tell too much from just enough.
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(MaxLength + 1, pinned: true);

    private volatile int _length;

    public bool IsTooLong => _length > MaxLength;

    public ReadOnlyMemory<byte> SoFar => _bytes.AsMemory(0, _length);

    /// <summary>Reads until the stream ends or there is too much.</summary>
    public async Task FillAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (!IsTooLong && await stream.ReadAsync(_bytes.AsMemory(_length), cancellationToken) is > 0 and var read)
        {
            _length += read;
        }
    }

    public void Dispose() => Array.Clear(_bytes);
}
