using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ark.Cli.Output;

/// <summary>Standard output and error, where it can be seen that their reader has gone.</summary>
internal static partial class StandardStream
{
    private const nuint GetWindowSize = 0x5413;

    private const short PollError = 0x8, PollHangUp = 0x10, PollInvalid = 0x20;

    /// <summary>
    /// The stream of a descriptor. The console's own hides that a reader has gone, and a watch would then go on for ever; this one
    /// reports it. Files keep the console's stream: it appends where others append too.
    /// </summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The handle is not ours to close and lives as long as the process.")]
    public static Stream Open(int descriptor, Func<Stream> console)
    {
        if (OperatingSystem.IsWindows())
        {
            return console();
        }

        try
        {
            var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? new OutputFile(console()) : stream;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Closed, or not for writing: the console's stream swallows what nobody can read.
            return console();
        }
    }

    /// <summary>False when nobody can read what is written to this descriptor any more. Windows only tells at the next write.</summary>
    public static bool HasReader(int descriptor)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        // These three events are reported without being asked for.
        var look = new PollDescriptor { Descriptor = descriptor };
        return Poll(ref look, 1, 0) <= 0 || (look.Events & (PollError | PollHangUp | PollInvalid)) == 0;
    }

    /// <summary>
    /// How many characters a line of the terminal at this descriptor has; null where there is none. To ask the console would send a terminal
    /// of Linux the codes by which a program takes over its keys; elsewhere it is asked, since a call like this one differs there.
    /// </summary>
    public static int? Columns(int descriptor)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                return Console.IsOutputRedirected ? null : Console.WindowWidth;
            }

            var size = default(WindowSize);
            return Ioctl(descriptor, GetWindowSize, ref size) == 0 && size.Columns > 0 ? size.Columns : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int descriptor, nuint request, ref WindowSize size);

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    /// <summary>A file, and a caller's limit on how large files may become, which .NET calls an argument out of range.</summary>
    private sealed class OutputFile(Stream file) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                file.Write(buffer);
            }
            catch (ArgumentOutOfRangeException)
            {
                throw new UserError("the limit on the size of a file is reached, so the output is not whole", "look at it with: ulimit -f");
            }
        }

        public override void Flush() => file.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows, Columns, Width, Height;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Asked;
        public short Events;
    }
}
