using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Ark.Daemon.Listening;

/// <summary>Socket activation by systemd: the listening socket comes as descriptor 3.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class ServiceManager
{
    private const int FirstDescriptor = 3;
    private const int SetDescriptorFlags = 2; // F_SETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC

    /// <summary>The inherited socket, or null when none was meant for this process.</summary>
    public static Socket? TakeSocket(Func<string, string?> environment)
    {
        // The variables also reach children of an activated service, so the process id decides.
        if (environment("LISTEN_PID") != Environment.ProcessId.ToString(CultureInfo.InvariantCulture) || environment("LISTEN_FDS") != "1")
        {
            return null;
        }

        var handle = new SafeSocketHandle(FirstDescriptor, ownsHandle: true);
        try
        {
            var socket = new Socket(handle);
            if (socket is { AddressFamily: AddressFamily.Unix, SocketType: SocketType.Stream, LocalEndPoint: UnixDomainSocketEndPoint }
                && socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0)
            {
                // It comes without this mark, and a credential program that we start must not get our door.
                _ = fcntl(handle, SetDescriptorFlags, CloseOnExec);
                return socket;
            }

            socket.Dispose();
            return null;
        }
        catch (SocketException)
        {
            handle.Dispose();
            return null;
        }
    }

    [LibraryImport("libc")]
    private static partial int fcntl(SafeSocketHandle descriptor, int command, int argument);
}
