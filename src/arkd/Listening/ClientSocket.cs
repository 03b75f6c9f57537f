using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ark.Wire;

namespace Ark.Daemon.Listening;

/// <summary>
/// One client's connection on Unix. What can be done at once is done by the C library in the calling thread; only who has to wait is given
/// to .NET's event loop, which costs more than a whole answer from memory.
/// </summary>
/// <param name="descriptor">The connection.</param>
/// <param name="listener">Where the next client knocks; negative where there is none.</param>
/// <param name="process">Who is at the other end; 0 where the system does not say.</param>
internal sealed unsafe class ClientSocket(int descriptor, int listener, int process) : Stream, IHalfCloses
{
    private const short HungUp = 0x10; // POLLHUP

    private NetworkStream? _waiting;
    private bool _closed;

    public int Process => process;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The client has closed both directions, and not only finished speaking.</summary>
    public bool HasLeft
    {
        get
        {
            var look = new Sockets.PollDescriptor { Descriptor = descriptor, Events = Sockets.POLLIN };
            return Sockets.poll(&look, 1, 0) > 0 && (look.Returned & HungUp) != 0;
        }
    }

    private NetworkStream Waiting =>
        _waiting ??= new NetworkStream(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)), ownsSocket: true);

    /// <summary>
    /// Waits until the client has sent something, but no longer than until another client knocks or a millisecond has passed: a request
    /// follows its connection within microseconds, and one that does not keeps nobody waiting.
    /// </summary>
    public void WaitAMoment()
    {
        Sockets.PollDescriptor* both = stackalloc Sockets.PollDescriptor[2];
        both[0] = new Sockets.PollDescriptor { Descriptor = descriptor, Events = Sockets.POLLIN };
        both[1] = new Sockets.PollDescriptor { Descriptor = listener, Events = Sockets.POLLIN };
        _ = Sockets.poll(both, 2, milliseconds: 1);
    }

    /// <summary>What is there by now: how much was read, 0 at the end, -1 when nothing is there yet.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public int TryRead(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            nint read;
            do
            {
                read = Sockets.recv(descriptor, bytes, (nuint)buffer.Length, Sockets.MSG_DONTWAIT);
            }
            while (read < 0 && Marshal.GetLastPInvokeError() == Sockets.EINTR);
            return Judge(read);
        }
    }

    /// <summary>How much went out at once; -1 when nothing did.</summary>
    /// <exception cref="IOException">The client has left.</exception>
    public int TryWrite(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            nint written;
            do
            {
                written = Sockets.send(descriptor, bytes, (nuint)buffer.Length, Sockets.MSG_DONTWAIT);
            }
            while (written < 0 && Marshal.GetLastPInvokeError() == Sockets.EINTR);
            return Judge(written);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = TryRead(buffer.Span);
        return read >= 0 ? new(read) : Waiting.ReadAsync(buffer, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Math.Max(0, TryWrite(buffer.Span)) is int written && written == buffer.Length
            ? ValueTask.CompletedTask
            : Waiting.WriteAsync(buffer[written..], cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (!_closed)
        {
            _closed = true;
            if (_waiting is null)
            {
                _ = Libc.close(descriptor);
            }

            _waiting?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static int Judge(nint result) => result >= 0 ? (int)result
        : Marshal.GetLastPInvokeError() is int error && error == Sockets.EAGAIN ? -1
        : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
}

/// <summary>A connection whose other end may finish speaking and go on listening.</summary>
internal interface IHalfCloses
{
    /// <summary>Whether nobody listens any more.</summary>
    bool HasLeft { get; }
}
