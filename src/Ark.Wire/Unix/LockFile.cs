using System.Runtime.InteropServices;
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

        SafeFileHandle handle = Open(path);
        if (Libc.flock(handle, Libc.LOCK_EX | Libc.LOCK_NB) == 0
            && FileIdentity.OfPath(path) is { } named && named == FileIdentity.OfDescriptor((int)handle.DangerousGetHandle()))
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>By the C library: FileStream takes a lock of its own on whatever it opens, and throws while another has ours.</summary>
    private static SafeFileHandle Open(string path)
    {
        int flags = 2 /* O_RDWR */ | (OperatingSystem.IsMacOS() ? 0x100_0000 : 0x8_0000) /* O_CLOEXEC */;
        int descriptor = Libc.open(path, flags);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == Libc.ENOENT)
        {
            // Two steps, since a mode cannot be handed to open, which takes it as a variable argument, on every processor.
            // A umask may have taken from the mode what we need ourselves, and then nobody could ever open it.
            int created = Libc.creat(path, 0x180 /* 0600 */);
            _ = created < 0 ? 0 : Libc.fchmod(created, 0x180);
            _ = created < 0 ? 0 : Libc.close(created);
            descriptor = Libc.open(path, flags);
        }

        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"cannot open {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }
}
