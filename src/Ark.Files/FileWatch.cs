using System.Runtime.InteropServices;
using Ark.Wire;

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

/// <summary>
/// What changes when a file does: which file it is, its owner, mode, length and times, so that a rename over it and a chmod count too.
/// </summary>
/// <param name="Device">The file system that it is on; 0 on Windows.</param>
/// <param name="Inode">Which file it is there; 0 on Windows.</param>
/// <param name="Owner">Whose it is; 0 on Windows.</param>
/// <param name="Mode">Its type and permissions; 0 on Windows.</param>
/// <param name="Length">In bytes.</param>
/// <param name="WrittenAt">When its content last changed, or so its owner says.</param>
/// <param name="ChangedAt">When its content, owner or mode last changed, which nobody can set back; when it was made, on Windows.</param>
public readonly record struct FileStamp(
    ulong Device, ulong Inode, uint Owner, int Mode, long Length, DateTimeOffset WrittenAt, DateTimeOffset ChangedAt)
{
    /// <summary>
    /// The file at the end of any links, by one look. Null when there is nothing, and only then. While the stamp of a file that was trusted
    /// stays the same, its content is still what was read: whoever exchanges the file or anything on the way to it changes the stamp.
    /// </summary>
    /// <exception cref="IOException">There is something that cannot be looked at, or a link that leads nowhere.</exception>
    public static FileStamp? Of(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            var file = new FileInfo(path);
            return file.Exists ? OfWindows(file) : null;
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new IOException("a path has no NUL");
        }

        if (FileFacts.OfPath(path, followLinks: true) is { } facts)
        {
            return Of(facts);
        }

        int error = Marshal.GetLastPInvokeError();
        return error is not (Libc.ENOENT or Libc.ENOTDIR) ? throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}")
            : FileFacts.OfPath(path) is null ? null
            : throw new FileNotFoundException($"{path} leads to something that does not exist");
    }

    /// <summary>All of it, as far as it is known.</summary>
    public override string ToString() => $"{Device}.{Inode}.{Owner}.{Mode}.{Length}.{WrittenAt.Ticks}.{ChangedAt.Ticks}";

    internal static FileStamp Of(FileFacts facts) => new(
        facts.Identity.Device,
        facts.Identity.Inode,
        facts.Identity.Owner,
        facts.Identity.Mode,
        facts.Length,
        Instant(facts.WrittenAt),
        Instant(facts.ChangedAt));

    internal static FileStamp OfWindows(FileInfo file) => new(0, 0, 0, 0, file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc);

    /// <summary>To a tenth of a microsecond, which is finer than file systems count.</summary>
    private static DateTimeOffset Instant(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
}
