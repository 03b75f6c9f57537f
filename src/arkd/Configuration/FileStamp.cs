using System.Runtime.InteropServices;
using Ark.Wire.Unix;

namespace Ark.Daemon.Configuration;

/// <summary>What changes when a file does: its place, inode, owner, mode, length and times, so that a rename over it and a chmod count too.</summary>
/// <param name="Target">Where the file itself is, at the end of any symbolic links.</param>
/// <param name="File">Which file it is, and whose.</param>
/// <param name="Length">In bytes; 0 for what is no ordinary file.</param>
/// <param name="Written">When its content last changed, UTC, or so its owner says.</param>
/// <param name="Changed">When anything about it last changed, as <see cref="FileIdentity.ChangedAt"/> says; 0 on Windows.</param>
/// <param name="Folder">The directory that the path names: who may write to it decides too.</param>
/// <param name="TargetFolder">The directory of the file itself.</param>
internal readonly record struct FileStamp(
    string Target, FileIdentity File, long Length, DateTime Written, long Changed, FileIdentity? Folder, FileIdentity? TargetFolder)
{
    private const int NoSuchFile = 2, NotADirectory = 20;

    /// <summary>Null when there is no such file, and only then.</summary>
    /// <exception cref="IOException">There is something that cannot be looked at, or a link that leads nowhere.</exception>
    public static FileStamp? Of(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            var file = new FileInfo(path);
            return file.Exists ? new FileStamp(path, default, file.Length, file.LastWriteTimeUtc, 0, null, null) : null;
        }

        if (Look(path) is not { } named)
        {
            return null;
        }

        string target = named.IsLink ? System.IO.File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName : path;
        FileIdentity identity = named.IsLink ? Look(target) ?? throw new FileNotFoundException($"{path} leads to {target}, which does not exist") : named;
        var info = new FileInfo(target);
        return new FileStamp(
            target,
            identity,
            identity.IsRegularFile ? info.Length : 0,
            info.LastWriteTimeUtc,
            FileIdentity.ChangedAt(target),
            FolderOf(path),
            FolderOf(target));
    }

    private static FileIdentity? FolderOf(string path) => FileIdentity.OfDirectory(Path.GetDirectoryName(path)!);

    private static FileIdentity? Look(string path) =>
        FileIdentity.OfPath(path) is { } seen ? seen
        : Marshal.GetLastPInvokeError() is NoSuchFile or NotADirectory ? null
        : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
