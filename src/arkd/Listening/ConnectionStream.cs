using System.Net.Sockets;

namespace Ark.Daemon.Listening;

/// <summary>A connection as a stream: asynchronous in both directions, without a position.</summary>
internal abstract class ConnectionStream : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>A connection whose other end may close one direction and keep the other.</summary>
internal interface IHalfCloses
{
    /// <summary>Whether nobody listens any more.</summary>
    bool HasLeft { get; }
}

/// <summary>The one-shot daemon's connection: a socket as standard input on Unix, standard input and output on Windows.</summary>
internal static class StandardInput
{
    /// <summary>Null when standard input is no such thing: somebody ran it by hand.</summary>
    public static Stream? AsConnection()
    {
        if (OperatingSystem.IsWindows())
        {
            return new InputOutput(Console.OpenStandardInput(), Console.OpenStandardOutput());
        }

        try
        {
            using var socket = new Socket(new SafeSocketHandle(0, ownsHandle: false));
            return new ClientSocket(0, listener: -1, process: 0);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null;
        }
    }

    /// <summary>Two one-way streams as one.</summary>
    private sealed class InputOutput(Stream input, Stream output) : ConnectionStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            output.WriteAsync(buffer, cancellationToken);
    }
}
