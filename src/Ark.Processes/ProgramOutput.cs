namespace Ark.Processes;

/// <summary>The beginning of a stream, in pinned memory, which is wiped when it is disposed of.</summary>
internal sealed class ProgramOutput(int most) : IDisposable
{
    // One more than is kept, to tell too much from just enough.
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(most + 1, pinned: true);

    private volatile int _length;

    public bool IsTooLong => _length > most;

    public ReadOnlyMemory<byte> SoFar => _bytes.AsMemory(0, Math.Min(_length, most));

    /// <summary>Reads until the stream ends or there is too much.</summary>
    public async Task FillAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (!IsTooLong && await stream.ReadAsync(_bytes.AsMemory(_length), cancellationToken) is > 0 and var read)
        {
            _length += read;
        }
    }

    /// <summary>Reads until the stream ends, and throws away what there is too much.</summary>
    public async Task KeepBeginningAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            await FillAsync(stream, cancellationToken);
            await stream.CopyToAsync(Stream.Null, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The program has ended, or has been ended.
        }
    }

    public void Dispose()
    {
        _length = 0;
        Array.Clear(_bytes);
    }
}
