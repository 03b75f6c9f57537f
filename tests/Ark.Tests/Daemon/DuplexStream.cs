using System.IO.Pipelines;
using Ark.Daemon.Listening;

namespace Ark.Tests.Daemon;

/// <summary>
/// Both ends of a connection in memory. Each direction takes <c>room</c> bytes before a writer has to wait for the reader.
/// </summary>
internal sealed class DuplexStream : ConnectionStream, IHalfCloses
{
    private readonly Stream _input;
    private readonly Stream _output;
    private Func<bool> _hasLeft = static () => false;

    private DuplexStream(Pipe input, Pipe output)
    {
        _input = input.Reader.AsStream();
        _output = output.Writer.AsStream();
    }

    public bool IsDisposed { get; private set; }

    public bool HasLeft => _hasLeft();

    public static (DuplexStream Client, DuplexStream Daemon) Pair(int room = 1 << 20)
    {
        var options = new PipeOptions(pauseWriterThreshold: room, resumeWriterThreshold: room / 2, useSynchronizationContext: false);
        var there = new Pipe(options);
        var back = new Pipe(options);
        var client = new DuplexStream(back, there);
        return (client, new DuplexStream(there, back) { _hasLeft = () => client.IsDisposed });
    }

    /// <summary>Half-close: the other end reads to its end, and may still write.</summary>
    public void EndWriting() => _output.Dispose();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _input.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _output.WriteAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !IsDisposed)
        {
            IsDisposed = true;
            _output.Dispose();
            _input.Dispose();
        }

        base.Dispose(disposing);
    }
}
