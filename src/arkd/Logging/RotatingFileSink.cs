using System.Text;
using Ark.Wire.Unix;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Logging;

/// <summary>
/// A log file of at most a mebibyte, with two older ones beside it (<c>.1</c>, <c>.2</c>), readable by this user alone. When the
/// disk is full or the directory cannot be written, lines are dropped.
/// </summary>
internal sealed class RotatingFileSink(string path) : ILineSink, IDisposable
{
    private const long MaxLength = 1024 * 1024;

    private readonly Lock _gate = new();
    private FileStream? _file;

    public void Write(LogLevel level, string line)
    {
        lock (_gate)
        {
            try
            {
                _file ??= Open();
                if (_file.Length > MaxLength)
                {
                    Rotate_NeedsLock();
                }

                _file!.Write(Encoding.UTF8.GetBytes(line + "\n"));
                _file.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
            {
                // The last of them is what .NET makes of a limit on the size of files.
                _file?.Dispose();
                _file = null;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private FileStream Open()
    {
        string directory = Path.GetDirectoryName(path)!;
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

            // A pipe would hold us up until somebody reads, and a link lead the lines elsewhere.
            if (FileIdentity.OfPath(path) is { IsRegularFile: false } or { IsOurs: false })
            {
                throw new IOException($"{path} is not a plain file of this user");
            }

            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private void Rotate_NeedsLock()
    {
        _file?.Dispose();
        _file = null;
        if (File.Exists($"{path}.1"))
        {
            File.Move($"{path}.1", $"{path}.2", overwrite: true);
        }

        File.Move(path, $"{path}.1");
        _file = Open();
    }
}
