using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ark.Wire;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Ark.Helper;

/// <summary>Descriptors 0, 1 and 2, by libc.</summary>
internal sealed unsafe partial class UnixStreams : StandardStreams
{
    private readonly bool _inputClosed;
    private readonly bool _outputClosed;

    public UnixStreams()
    {
        // A closed descriptor is the first that the system gives out again: without this the daemon's socket could become
        // standard output, and the token would be written back into it.
        _inputClosed = !FillIfClosed(0);
        _outputClosed = !FillIfClosed(1);
        _ = FillIfClosed(2);

        // A client that stops reading must meet an exit code, not a signal.
        const int SigPipe = 13;
        _ = signal(SigPipe, 1 /* SIG_IGN */);
    }

    public override Input ReadInput()
    {
        if (_inputClosed || isatty(0) == 1)
        {
            return new Input.Unusable();
        }

        // One byte more than allowed tells too much from just enough. Pinned, since docker's "store" brings a secret.
        byte[] buffer = GC.AllocateUninitializedArray<byte>(Input.Limit + 1, pinned: true);
        int length = 0;
        long start = TimeProvider.System.GetTimestamp();
        while (length < buffer.Length)
        {
            TimeSpan left = InputLimit - TimeProvider.System.GetElapsedTime(start);
            int ready = left > TimeSpan.Zero ? Wait(0, Sockets.POLLIN, left) : 0;
            if (ready == 0)
            {
                return new Input.NotEnded();
            }

            // Only what is known to be there is read: a signal that ends the wait early must not make this block.
            nint count = -1;
            if (ready > 0)
            {
                fixed (byte* place = &buffer[length])
                {
                    count = read(0, place, (nuint)(buffer.Length - length));
                }
            }

            if (count == 0)
            {
                return new Input.Read(buffer.AsMemory(0, length));
            }

            if (count < 0 && !MayTryAgain())
            {
                return new Input.Unusable();
            }

            length += (int)Math.Max(count, 0);
        }

        return new Input.TooLong();
    }

    public override bool Write(Output output)
    {
        _ = WriteAll(2, output.Stderr);
        bool written = output.Stdout.Length == 0 || (!_outputClosed && WriteAll(1, output.Stdout));
        CryptographicOperations.ZeroMemory(output.Stdout);
        return written;
    }

    private static bool WriteAll(int descriptor, byte[] bytes)
    {
        int written = 0;
        while (written < bytes.Length)
        {
            nint count;
            fixed (byte* start = &bytes[written])
            {
                count = write(descriptor, start, (nuint)(bytes.Length - written));
            }

            // A pipe that somebody made non-blocking, as ssh does with its own, may be full for a moment.
            if (count < 0 && (!MayTryAgain() || Wait(descriptor, Sockets.POLLOUT, OutputLimit) == 0))
            {
                return false;
            }

            written += (int)Math.Max(count, 0);
        }

        return true;
    }

    /// <summary>1 when ready, which includes broken: the use shows what is wrong. 0 when time was up, -1 when a signal came.</summary>
    private static int Wait(int descriptor, short what, TimeSpan limit)
    {
        var wait = new Sockets.PollDescriptor { Descriptor = descriptor, Events = what };
        return Sockets.poll(&wait, 1, (int)Math.Ceiling(limit.TotalMilliseconds));
    }

    private static bool MayTryAgain() => Marshal.GetLastPInvokeError() is var error && (error == Sockets.EINTR || error == Sockets.EAGAIN);

    /// <summary>True when the descriptor was open; otherwise the null device takes its place.</summary>
    private static bool FillIfClosed(int descriptor)
    {
        if (fcntl(descriptor, 1 /* F_GETFD */) >= 0)
        {
            return true;
        }

        // The lowest free number is this one, since those below it were filled before.
        _ = Libc.open("/dev/null", Libc.O_RDWR);
        return false;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc")]
    private static partial int isatty(int descriptor);

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);
}
