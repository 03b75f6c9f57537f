using System.Text;

namespace Ark.Cli.Files;

/// <summary>Reads the end of the daemon's log, and what is added to it, also when the daemon has begun a new one.</summary>
internal sealed class LogFileReader(string path)
{
    /// <summary>More than a line is long: as much as is looked at for each line that is wanted.</summary>
    private const long BytesALine = 1024;

    private const long MostBytes = 1 << 26;

    private long _read;

    /// <summary>The last lines, oldest first; none where there is no log.</summary>
    public IReadOnlyList<string> Last(int count)
    {
        using FileStream? file = Open();
        if (file is null)
        {
            return [];
        }

        long start = Math.Max(0, file.Length - Math.Min(count * BytesALine, MostBytes));
        return [.. Lines(file, start).Skip(start > 0 ? 1 : 0).TakeLast(count)];
    }

    /// <summary>The whole lines that were added since the last look.</summary>
    public IReadOnlyList<string> Added()
    {
        using FileStream? file = Open();
        if (file is null)
        {
            _read = 0;
            return [];
        }

        // A shorter one is a new one; what a laptop slept through may be long.
        return Lines(file, file.Length < _read ? 0 : Math.Max(_read, file.Length - MostBytes));
    }

    private FileStream? Open()
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>From there on; half a line is left for the next look.</summary>
    private string[] Lines(FileStream file, long start)
    {
        byte[] bytes = new byte[file.Length - start];
        file.Position = start;
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        int end = bytes.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
        _read = start + end;
        return Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
