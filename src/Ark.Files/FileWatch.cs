namespace Ark.Files;

/// <summary>
/// Notices that a file changed, by a look at it and at its directory whenever somebody asks: no event can be missed, and what was removed
/// is gone at once.
/// </summary>
/// <param name="path">An absolute path.</param>
/// <param name="time">The clock by which a file is old enough to be taken for what it was.</param>
public sealed class FileWatch(string path, TimeProvider time)
{
    /// <summary>File systems keep times as coarse as this: a file that was written so lately may have been written again since.</summary>
    public static readonly TimeSpan ClockOfFiles = TimeSpan.FromSeconds(2);

    private readonly string _directory = Path.GetDirectoryName(path) ?? path;

    private FileStamp? _file;
    private (uint?, int?) _access;
    private bool _settled;

    /// <summary>
    /// Whether the file may have changed since the last call; true the first time. Who asks takes the answer before reading: a change in
    /// between shows at the next call.
    /// </summary>
    /// <exception cref="IOException">There is something that cannot be looked at, or a link that leads nowhere.</exception>
    public bool HasChanged()
    {
        bool wasSettled = _settled;
        _settled = false;
        FileStamp? file = FileStamp.Of(path);
        FileStamp? directory = file is null ? null : FileStamp.Of(_directory);
        (uint?, int?) access = (directory?.Owner, directory?.Mode);
        bool same = wasSettled && file == _file && access == _access;
        (_file, _access) = (file, access);
        _settled = file is not { } seen || (time.GetUtcNow() - seen.WrittenAt).Duration() >= ClockOfFiles;
        return !same;
    }

    /// <summary>What was made of the file does not last: the next call says that it changed.</summary>
    public void Forget() => _settled = false;
}
