using System.Runtime.InteropServices;
using System.Security.Cryptography;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Ark.Helper.Streams;

/// <summary>Descriptors 0, 1 and 2, by libc.</summary>
internal sealed unsafe partial class UnixStreams : StandardStreams
{
    private const int EINTR = 4;

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
        try
        {
            long start = TimeProvider.System.GetTimestamp();
            while (length < buffer.Length)
            {
                TimeSpan left = InputLimit - TimeProvider.System.GetElapsedTime(start);
                var wait = new PollDescriptor { Descriptor = 0, Events = 1 /* POLLIN */ };
                int ready = left <= TimeSpan.Zero ? 0 : poll(&wait, 1, (int)Math.Ceiling(left.TotalMilliseconds));
                if (ready == 0)
                {
                    return new Input.NotEnded();
                }

                nint count;
                fixed (byte* place = &buffer[length])
                {
                    count = ready < 0 ? -1 : read(0, place, (nuint)(buffer.Length - length));
                }

                if (count == 0)
                {
                    return new Input.Read(buffer[..length]);
                }

                if (count < 0 && Marshal.GetLastPInvokeError() != EINTR)
                {
                    return new Input.Unusable();
                }

                length += (int)Math.Max(count, 0);
            }

            return new Input.TooLong();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer.AsSpan(0, length));
        }
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
            fixed (byte* start = &bytes[written])
            {
                nint count = write(descriptor, start, (nuint)(bytes.Length - written));
                if (count < 0 && Marshal.GetLastPInvokeError() != EINTR)
                {
                    return false;
                }

                written += (int)Math.Max(count, 0);
            }
        }

        return true;
    }

    /// <summary>True when the descriptor was open; otherwise the null device takes its place.</summary>
    private static bool FillIfClosed(int descriptor)
    {
        int copy = dup(descriptor);
        if (copy >= 0)
        {
            _ = close(copy);
            return true;
        }

        // The lowest free number is this one, since those below it were filled before.
        _ = open("/dev/null", 2 /* O_RDWR */);
        return false;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc")]
    private static partial int isatty(int descriptor);

    [LibraryImport("libc")]
    private static partial int dup(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
