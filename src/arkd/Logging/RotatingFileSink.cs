using System.Text;
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
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
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
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private void Rotate_NeedsLock()
    {
        _file?.Dispose();
        _file = null;
        File.Move(path, $"{path}.0", overwrite: true);
        if (File.Exists($"{path}.1"))
        {
            File.Move($"{path}.1", $"{path}.2", overwrite: true);
        }

        File.Move($"{path}.0", $"{path}.1", overwrite: true);
        _file = Open();
    }
}
