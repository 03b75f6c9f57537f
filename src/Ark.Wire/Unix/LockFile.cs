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
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Takes the lock without waiting; the handle holds it. Null when another process has it, or when the file was removed
    /// or replaced while we took it, in which case the lock would guard nothing.
    /// </summary>
    /// <exception cref="IOException">The file cannot be opened or is not a plain file of ours.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it be made.</exception>
    public static SafeFileHandle? TryTake(string path)
    {
        if (FileIdentity.OfPath(path) is not { } present)
        {
            Create(path);
        }
        else if (!present.IsRegularFile || !present.IsOurs)
        {
            throw new IOException($"{path} is not a plain file of this user; remove it");
        }
        else if ((present.Permissions & (int)OwnerOnly) != (int)OwnerOnly)
        {
            // Made under a umask that takes rights from the owner, whom it would keep out for ever. Its holder may live, so it stays the
            // same file; nobody else can put a link in its place.
            _ = Libc.chmod(path, (uint)OwnerOnly);
        }

        SafeFileHandle handle = Open(path);
        if (Libc.flock(handle, Libc.LOCK_EX | Libc.LOCK_NB) == 0
            && FileIdentity.OfPath(path) is { IsRegularFile: true, IsOurs: true } named
            && named == FileIdentity.OfDescriptor((int)handle.DangerousGetHandle()))
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>
    /// By the C library: FileStream takes a lock of its own on whatever it opens, and throws while another has ours. Never through a link,
    /// whoever put it there meanwhile.
    /// </summary>
    private static SafeFileHandle Open(string path)
    {
        int descriptor = Libc.open(path, Libc.O_RDWR | Libc.O_NOFOLLOW | Libc.O_CLOEXEC | Libc.O_NONBLOCK);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"cannot open {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    /// <summary>
    /// Makes the file where there is nothing, not even a link. By .NET, which can hand the C library's open a mode on every processor;
    /// the mode is set again, since the umask may take it from the owner.
    /// </summary>
    private static void Create(string path)
    {
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite,
                BufferSize = 0,
                UnixCreateMode = OwnerOnly,
            };
            using var file = new FileStream(path, options);
            File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        }
        catch (IOException) when (FileIdentity.OfPath(path) is not null)
        {
            // Somebody was faster, and may hold it already.
        }
    }
}
