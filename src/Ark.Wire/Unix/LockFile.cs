using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Ark.Wire.Unix;

/// <summary>
/// An advisory lock on a file in the runtime directory, released by the system when its holder ends however it ends. It is
/// flock itself: FileShare.None can be switched off by an environment variable, and a named mutex is local to a process here.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static class LockFile
{
    private static readonly FileStreamOptions Private = new()
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };

    /// <summary>
    /// Takes the lock without waiting; the handle holds it. Null when another process has it, or when the file was removed
    /// or replaced while we took it, in which case the lock would guard nothing.
    /// </summary>
    /// <exception cref="IOException">The file cannot be opened or is not a plain file of ours.</exception>
    public static SafeFileHandle? TryTake(string path)
    {
        // Opening follows links, so a link is refused first; the directory is ours alone, so nobody can put one there in between.
        if (FileIdentity.OfPath(path) is { } present && (!present.IsRegularFile || !present.IsOurs))
        {
            throw new IOException($"{path} is not a plain file of this user; remove it");
        }

        SafeFileHandle handle = new FileStream(path, Private).SafeFileHandle;
        int descriptor = (int)handle.DangerousGetHandle();
        if (Libc.flock(handle, Libc.LOCK_EX | Libc.LOCK_NB) == 0 && FileIdentity.OfPath(path) is { } named && named == FileIdentity.OfDescriptor(descriptor))
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }
}
