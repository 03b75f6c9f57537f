using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Ark.Wire;

namespace Ark.Daemon.Listening;

/// <summary>
/// One client's connection on Unix. What can be done at once is done by the C library in the calling thread; only who has to wait is given
/// to .NET's event loop, which costs more than a whole answer from memory.
/// </summary>
/// <param name="descriptor">The connection.</param>
/// <param name="listener">The listening socket; negative where there is none.</param>
/// <param name="process">Who is at the other end; 0 where the system does not say.</param>
internal sealed unsafe class ClientSocket(int descriptor, int listener, int process) : ConnectionStream, IHalfCloses
{
    private const short HungUp = 0x10; // POLLHUP

    private NetworkStream? _waiting;
    private bool _closed;

    public int Process => process;

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
    /// Waits until the client has sent something, but no longer than until another client connects or a millisecond has passed: a request
    /// follows its connection within microseconds, and one that does not keeps nobody waiting.
    /// </summary>
    public void WaitBriefly()
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
    /// <exception cref="IOException">The client has disconnected.</exception>
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

/// <summary>
/// Whether a client sees the same files as we do. One in a container that has our socket, or in a service with a private /tmp, does not:
/// what its paths name is for the daemon something else, which it must neither read nor run on that client's word.
/// </summary>
internal static class PeerNamespace
{
    /// <summary>Ours; null where the system has no such thing or does not show it, and then everybody's is the same.</summary>
    private static readonly string? Own = OperatingSystem.IsLinux() ? Of("self") : null;

    /// <summary>
    /// Whether the process at the other end of a connection is in our mount namespace. One that we cannot look at, or that has no number
    /// here since it is in a container, is not. It waits for our answer, so the number is still its own.
    /// </summary>
    public static bool IsOurs(Stream connection) =>
        Own is null
        || connection is not ClientSocket { Process: var process }
        || (process > 0 && Of(process.ToString(CultureInfo.InvariantCulture)) == Own);

    /// <summary>The name that the kernel gives to the namespace of a process, such as <c>mnt:[4026531841]</c>.</summary>
    private static unsafe string? Of(string process)
    {
        byte* name = stackalloc byte[64];
        nint length = Libc.readlink($"/proc/{process}/ns/mnt", name, 64);
        return length > 0 ? Encoding.UTF8.GetString(name, (int)length) : null;
    }
}
