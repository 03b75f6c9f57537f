namespace Ark.Aws.Profiles;

/// <summary>A regular file of modest size, links followed. What has no length (pipes, devices) reads as empty and is never
/// opened.</summary>
internal sealed class SmallFile
{
    /// <summary>More than ten thousand profiles, or any token, cached login or bundle of roots, need.</summary>
    public const int MaxLength = 8 * 1024 * 1024;

    private readonly FileInfo _file;

    private SmallFile(FileInfo file) => _file = file;

    /// <summary>Changes when the file is edited or replaced.</summary>
    public (long Length, DateTime Written, DateTime Created) Stamp => (_file.Length, _file.LastWriteTimeUtc, _file.CreationTimeUtc);

    public DateTime Written => _file.LastWriteTimeUtc;

    /// <summary>The file, or null where there is none.</summary>
    /// <exception cref="IOException">It is a directory, a loop of links, or cannot be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be looked at.</exception>
    public static SmallFile? Find(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException("a directory");
        }

        // .NET tells length and times of a link itself; many a ~/.aws/config is one.
        var file = new FileInfo(path);
        file = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return file.Exists ? new SmallFile(file) : null;
    }

    /// <exception cref="IOException">It cannot be read, or is too long.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public string ReadText()
    {
        long length = _file.Length;
        if (length > MaxLength)
        {
            throw new IOException("too long");
        }

        return length == 0 ? "" : File.ReadAllText(_file.FullName);
    }
}
