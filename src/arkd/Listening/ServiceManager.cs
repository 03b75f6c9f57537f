using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Ark.Wire;

namespace Ark.Daemon.Listening;

/// <summary>Socket activation by systemd: the listening socket comes as descriptor 3.</summary>
[UnsupportedOSPlatform("windows")]
internal static class ServiceManager
{
    private const int FirstDescriptor = 3;

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
                && Sockets.IsListening(FirstDescriptor))
            {
                // It comes without this mark, and a credential program that we start must not get our door.
                _ = Sockets.CloseOnExec(FirstDescriptor);
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
}
