using System.Runtime.InteropServices;
using System.Text;
using Ark.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Ark.Daemon.Logging;

/// <summary>
/// A log file of at most a mebibyte, with two older ones beside it (<c>.1</c>, <c>.2</c>), readable by this user alone. One that is deleted
/// or renamed is begun anew. When the disk is full, a limit on file sizes is reached or the directory cannot be written, lines are dropped.
/// </summary>
internal sealed partial class LogFile(string path) : ILineSink, IDisposable
{
    private const long MaxLength = 1024 * 1024;

    private readonly Lock _gate = new();
    private SafeFileHandle? _file;
    private FileIdentity? _identity;

    public void Write(LogLevel level, string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_gate)
        {
            try
            {
                SafeFileHandle file = Current_NeedsLock();
                if (RandomAccess.GetLength(file) > MaxLength)
                {
                    file = Rotate_NeedsLock();
                }

                Append(file, bytes);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Close_NeedsLock();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Close_NeedsLock();
        }
    }

    /// <summary>The file that is at the path now: whoever took ours away meant the next lines to go elsewhere.</summary>
    private SafeFileHandle Current_NeedsLock()
    {
        if (_file is not null && !OperatingSystem.IsWindows() && FileIdentity.OfPath(path) != _identity)
        {
            Close_NeedsLock();
        }

        if (_file is null)
        {
            _file = Open();
            _identity = OperatingSystem.IsWindows() ? null : FileIdentity.OfDescriptor((int)_file.DangerousGetHandle());
        }

        return _file;
    }

    private SafeFileHandle Rotate_NeedsLock()
    {
        Close_NeedsLock();
        if (File.Exists($"{path}.1"))
        {
            File.Move($"{path}.1", $"{path}.2", overwrite: true);
        }

        File.Move(path, $"{path}.1", overwrite: true);
        return Current_NeedsLock();
    }

    private void Close_NeedsLock()
    {
        _file?.Dispose();
        _file = null;
    }

    private SafeFileHandle Open()
    {
        string directory = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }

        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        SafeFileHandle file = OpenToAppend();
        if (FileIdentity.OfDescriptor((int)file.DangerousGetHandle()) is { IsRegularFile: true, IsOurs: true })
        {
            return file;
        }

        file.Dispose();
        throw new IOException($"{path} is not a plain file of this user");
    }

    /// <summary>
    /// By the C library, since .NET appends at the place where it believes the end to be: two daemons, an old one that leaves and its
    /// successor, would write over each other's lines. Links are not followed, and a pipe without a reader does not hold us up.
    /// </summary>
    private SafeFileHandle OpenToAppend()
    {
        // O_WRONLY, O_APPEND, O_NONBLOCK, O_NOFOLLOW and O_CLOEXEC.
        bool arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
        int flags = OperatingSystem.IsMacOS()
            ? 0x1 | 0x8 | 0x4 | 0x100 | 0x100_0000
            : 0x1 | 0x400 | 0x800 | (arm ? 0x8000 : 0x2_0000) | 0x8_0000;
        int descriptor = Libc.open(path, flags);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == Libc.ENOENT)
        {
            // Made first, since a mode cannot be handed to open, which takes it as a variable argument, on every processor.
            MakeEmpty();
            descriptor = Libc.open(path, flags);
        }

        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"cannot open {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private void MakeEmpty()
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(path, options).Dispose();
        }
        catch (IOException) when (Path.Exists(path))
        {
            // Another daemon was faster.
        }
    }

    /// <summary>The line by one write, so that no other's comes between its halves.</summary>
    private static unsafe void Append(SafeFileHandle file, byte[] line)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.Write(file, line, RandomAccess.GetLength(file));
            return;
        }

        fixed (byte* bytes = line)
        {
            if (write((int)file.DangerousGetHandle(), bytes, (nuint)line.Length) != line.Length)
            {
                throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int descriptor, byte* bytes, nuint count);
}
