using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Ark.Wire;
using Microsoft.Win32.SafeHandles;

namespace Ark.Files;

/// <summary>
/// Lets one process at a time change what is below a directory. The lock is on the directory itself, so that it leaves nothing behind, and
/// the system takes it back however its holder ends. On Windows, where directories cannot be locked, it is a mutex with its name.
/// </summary>
public sealed class DirectoryLock : IDisposable
{
    private readonly SafeFileHandle? _directory;
    private readonly Mutex? _mutex;

    private DirectoryLock(SafeFileHandle? directory, Mutex? mutex) => (_directory, _mutex) = (directory, mutex);

    /// <summary>Waits for its turn. Where a directory cannot be locked, as on some network file systems, there are no turns.</summary>
    public static DirectoryLock Take(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            string name = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(directory.ToUpperInvariant())));
            var mutex = new Mutex(initiallyOwned: false, $@"Local\ark-{name}");
            try
            {
                mutex.WaitOne();
            }
            catch (AbandonedMutexException)
            {
                // Its holder was killed; what it left half done, the next one finds in the record.
            }

            return new DirectoryLock(null, mutex);
        }

        int descriptor = Libc.open(directory, Libc.O_RDONLY | Libc.O_CLOEXEC);
        if (descriptor < 0)
        {
            return new DirectoryLock(null, null);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        while (Libc.flock(handle, Libc.LOCK_EX) != 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
        {
        }

        return new DirectoryLock(handle, null);
    }

    public void Dispose()
    {
        _directory?.Dispose();
        _mutex?.ReleaseMutex();
        _mutex?.Dispose();
    }
}
