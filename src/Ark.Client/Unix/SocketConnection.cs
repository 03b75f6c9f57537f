using System.Runtime.InteropServices;
using System.Text;
using Ark.Wire;
using Ark.Wire.Unix;

namespace Ark.Client.Unix;

/// <summary>A Unix domain socket, spoken to by libc alone.</summary>
internal sealed unsafe class SocketConnection(int descriptor) : Connection
{
    /// <summary>How long a daemon may take to accept us while its queue is full.</summary>
    private static readonly TimeSpan AcceptLimit = TimeSpan.FromSeconds(1);

    public static ConnectResult To(DaemonAddress.Found address, Deadline deadline)
    {
        int descriptor = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0);
        if (descriptor < 0)
        {
            return new ConnectResult.Refused($"cannot open a socket: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}", "raise the limit on open files with: ulimit -n 256");
        }

        var connection = new SocketConnection(descriptor);
        ConnectResult result = connection.Connect(address.Name, deadline.AtMost(AcceptLimit));
        if (result is not ConnectResult.Connected)
        {
            connection.Dispose();
        }

        return result;
    }

    public override Transfer Write(ReadOnlySpan<byte> bytes, Deadline deadline)
    {
        fixed (byte* start = bytes)
        {
            int sent = 0;
            while (sent < bytes.Length)
            {
                nint count = Sockets.send(descriptor, start + sent, (nuint)(bytes.Length - sent), Sockets.MSG_NOSIGNAL | Sockets.MSG_DONTWAIT);
                if (count > 0)
                {
                    sent += (int)count;
                }
                else if (Marshal.GetLastPInvokeError() is var error && error == Sockets.EAGAIN)
                {
                    if (!Wait(Sockets.POLLOUT, deadline))
                    {
                        return Transfer.TimedOut;
                    }
                }
                else if (error != Sockets.EINTR)
                {
                    return Transfer.Closed;
                }
            }

            return Transfer.Done;
        }
    }

    public override Transfer Read(Span<byte> bytes, Deadline deadline)
    {
        fixed (byte* start = bytes)
        {
            int read = 0;
            while (read < bytes.Length)
            {
                if (!Wait(Sockets.POLLIN, deadline))
                {
                    return Transfer.TimedOut;
                }

                nint count = Sockets.recv(descriptor, start + read, (nuint)(bytes.Length - read), Sockets.MSG_DONTWAIT);
                if (count > 0)
                {
                    read += (int)count;
                }
                else if (count == 0 || (Marshal.GetLastPInvokeError() is var error && error != Sockets.EINTR && error != Sockets.EAGAIN))
                {
                    return Transfer.Closed;
                }
            }

            return Transfer.Done;
        }
    }

    public override void Dispose() => _ = Sockets.close(descriptor);

    /// <summary>False when the deadline passed before the socket was ready. A broken one is: the call after this tells how.</summary>
    private bool Wait(short what, Deadline deadline)
    {
        var wait = new Sockets.PollDescriptor { Descriptor = descriptor, Events = what };
        return Sockets.poll(&wait, 1, deadline.RemainingMilliseconds) != 0;
    }

    private ConnectResult Connect(string path, Deadline deadline)
    {
        // The send timeout bounds connect, which otherwise waits for ever while the daemon's queue is full; zero would mean just that.
        int limit = Math.Max(1, deadline.RemainingMilliseconds);
        var timeout = new Sockets.TimeValue { Seconds = limit / 1000, Microseconds = limit % 1000 * 1000 };
        _ = Sockets.setsockopt(descriptor, Sockets.SOL_SOCKET, Sockets.SO_SNDTIMEO, &timeout, (uint)sizeof(Sockets.TimeValue));

        // struct sockaddr_un: on Linux two bytes of family, on macOS one of length and one of family; then the path.
        byte* address = stackalloc byte[128];
        new Span<byte>(address, 128).Clear();
        address[OperatingSystem.IsMacOS() ? 1 : 0] = Sockets.AF_UNIX;
        int length = Encoding.UTF8.GetBytes(path, new Span<byte>(address + 2, 108));

        if (Sockets.connect(descriptor, address, (uint)(2 + length + 1)) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            return error == Sockets.EAGAIN || error == Sockets.EINTR ? new ConnectResult.Busy() : new ConnectResult.Absent();
        }

        return PeerIsUs() ? new ConnectResult.Connected(this) : Foreign(path);
    }

    private static ConnectResult.Refused Foreign(string path) => new(
        $"another user answers at {path}",
        $"see who it is with: ls -l {path}; then set ARK_RUNTIME_DIR to a private directory of your own");

    /// <summary>Whether the process at the other end runs as the same user: what we send may hold secrets.</summary>
    private bool PeerIsUs()
    {
        if (OperatingSystem.IsMacOS())
        {
            uint user, group;
            return Sockets.getpeereid(descriptor, &user, &group) == 0 && user == Libc.geteuid();
        }

        const int PeerCredentials = 17;
        uint* credentials = stackalloc uint[3]; // process, user, group
        uint length = 12;
        return Sockets.getsockopt(descriptor, Sockets.SOL_SOCKET, PeerCredentials, credentials, &length) == 0 && credentials[1] == Libc.geteuid();
    }
}
