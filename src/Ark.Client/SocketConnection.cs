using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Ark.Wire;

namespace Ark.Client;

/// <summary>A Unix domain socket, spoken to by libc alone.</summary>
/// <param name="descriptor">The connected socket.</param>
/// <param name="starting">The daemon at the other end, where we have just started it.</param>
[UnsupportedOSPlatform("windows")]
internal sealed unsafe class SocketConnection(int descriptor, StartingDaemon? starting = null) : Connection
{
    /// <summary>How long a daemon may take to accept us while its queue is full.</summary>
    private static readonly TimeSpan AcceptLimit = TimeSpan.FromSeconds(1);

    /// <summary>How long a daemon may be silent before we look whether it could speak at all.</summary>
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(1);

    private int _peer = starting?.Process ?? 0;
    private Ending? _ending;

    public override Ending? Ending => _ending ??= starting?.Ending;

    public static ConnectResult To(DaemonAddress.Found address, Deadline deadline)
    {
        int descriptor = Sockets.New();
        if (descriptor < 0)
        {
            return new ConnectResult.Refused(
                $"cannot open a socket: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}",
                "raise the limit on open files with: ulimit -n 256");
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
                nint count = Sockets.send(
                    descriptor, start + sent, (nuint)(bytes.Length - sent), Sockets.MSG_NOSIGNAL | Sockets.MSG_DONTWAIT);
                if (count > 0)
                {
                    sent += (int)count;
                }
                else if (Marshal.GetLastPInvokeError() is var error && error == Sockets.EAGAIN)
                {
                    if (Wait(Sockets.POLLOUT, deadline) is not Transfer.Done and var failed)
                    {
                        return failed;
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
                if (Wait(Sockets.POLLIN, deadline) is not Transfer.Done and var failed)
                {
                    return failed;
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

    public override void Dispose()
    {
        _ = Libc.close(descriptor);
        starting?.Dispose();
    }

    /// <summary>
    /// Done when the socket is ready, which includes broken: the call after this tells how. Closed when there is no use in waiting on.
    /// </summary>
    private Transfer Wait(short what, Deadline deadline)
    {
        Sockets.PollDescriptor* watched = stackalloc Sockets.PollDescriptor[2];
        while (true)
        {
            // A negative descriptor is one that nothing ever comes from.
            watched[0] = new Sockets.PollDescriptor { Descriptor = descriptor, Events = what };
            watched[1] = new Sockets.PollDescriptor { Descriptor = starting?.Words ?? -1, Events = Sockets.POLLIN };
            int ready = Sockets.poll(watched, 2, deadline.AtMost(SilenceLimit).RemainingMilliseconds);
            if (ready < 0 || watched[0].Returned != 0)
            {
                return Transfer.Done;
            }

            if (watched[1].Returned != 0)
            {
                starting!.Listen();
            }
            else if (deadline.Passed)
            {
                return Transfer.TimedOut;
            }
            else if ((_ending = starting?.Overdue ?? Stopped()) is not null)
            {
                return Transfer.Closed;
            }
        }
    }

    private ConnectResult Connect(string path, Deadline deadline)
    {
        if (!Sockets.Connect(descriptor, path, deadline.Remaining))
        {
            int error = Marshal.GetLastPInvokeError();
            return error == Sockets.EAGAIN || error == Sockets.EINTR ? new ConnectResult.Busy() : new ConnectResult.Absent();
        }

        return Sockets.PeerIsUs(descriptor, out _peer)
            ? new ConnectResult.Connected(this)
            : new ConnectResult.Refused(
                $"another user answers at {path}",
                $"see who it is with: ls -l {path}; then set ARK_RUNTIME_DIR to a private directory of your own");
    }

    /// <summary>
    /// Whether somebody has stopped the daemon, as a debugger or Ctrl-Z does: it would take our time and answer when it goes on.
    /// </summary>
    private Ending? Stopped()
    {
        try
        {
            string state = OperatingSystem.IsLinux() && _peer > 0 ? File.ReadAllText($"/proc/{_peer}/stat") : "";
            return state.Contains("(arkd) T ", StringComparison.Ordinal) || state.Contains("(arkd) t ", StringComparison.Ordinal)
                ? new Ending(new($"the daemon (process {_peer}) is stopped", $"let it go on with: kill -CONT {_peer}"), MayRetry: false)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
