using System.Runtime.InteropServices;

namespace Ark.EndToEnd.Frames;

/// <summary>sendmsg with SCM_RIGHTS, for which .NET has no word. Linux, 64 bit.</summary>
internal static unsafe partial class Descriptors
{
    /// <summary>Sends the bytes and with them that many copies of the null device.</summary>
    public static nint Send(int socket, byte[] bytes, int count)
    {
        using var nothing = File.OpenHandle("/dev/null");
        byte[] control = new byte[16 + (count * sizeof(int))];
        BitConverter.TryWriteBytes(control, (ulong)control.Length);
        BitConverter.TryWriteBytes(control.AsSpan(8), 1 /* SOL_SOCKET */);
        BitConverter.TryWriteBytes(control.AsSpan(12), 1 /* SCM_RIGHTS */);
        MemoryMarshal.Cast<byte, int>(control.AsSpan(16)).Fill((int)nothing.DangerousGetHandle());

        fixed (byte* data = bytes, rights = control)
        {
            nint* vector = stackalloc nint[] { (nint)data, bytes.Length };
            nint* message = stackalloc nint[] { 0, 0, (nint)vector, 1, (nint)rights, control.Length, 0 };
            return sendmsg(socket, message, 0);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint sendmsg(int socket, nint* message, int flags);
}
