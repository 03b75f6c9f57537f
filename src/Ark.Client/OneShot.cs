using System.Diagnostics;
using Ark.Client.Unix;

namespace Ark.Client;

/// <summary>
/// The daemon's code without the daemon: <c>arkd --once</c> serves one request on its standard input and exits. Nothing is cached,
/// so it is for when no daemon can be had: a read-only home, a full process table, a version that does not match.
/// </summary>
internal static class OneShot
{
    /// <summary>A connection to a fresh <c>arkd --once</c>, or null when it cannot be run.</summary>
    public static Connection? Start(Func<string, string?> environment)
    {
        if (DaemonProgram.Find(environment) is not { } program)
        {
            return null;
        }

        return OperatingSystem.IsWindows() ? StartWindows(program, environment) : StartUnix(program, environment);
    }

    /// <summary>A socket pair: the one-shot daemon sees an ordinary connection, and we speak to it as to any other.</summary>
    private static unsafe SocketConnection? StartUnix(string program, Func<string, string?> environment)
    {
        int* ends = stackalloc int[2];
        if (Sockets.socketpair(Sockets.AF_UNIX, Sockets.SOCK_STREAM, 0, ends) != 0)
        {
            return null;
        }

        int process = Spawn.Start(program, ["--once"], DaemonProgram.EnvironmentBlock(environment), standardInput: ends[1]);
        _ = Sockets.close(ends[1]);
        if (process == 0)
        {
            _ = Sockets.close(ends[0]);
            return null;
        }

        return new SocketConnection(ends[0]);
    }

    private static StreamConnection? StartWindows(string program, Func<string, string?> environment)
    {
        var start = new ProcessStartInfo(program, "--once") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false, CreateNoWindow = true };
        start.Environment.Clear();
        foreach (string pair in DaemonProgram.EnvironmentBlock(environment))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            start.Environment[pair[..equals]] = pair[(equals + 1)..];
        }

        try
        {
            return Process.Start(start) is { } process ? new StreamConnection(process) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Standard input and output of a child process as a connection.</summary>
    private sealed class StreamConnection(Process process) : Connection
    {
        public override Transfer Write(ReadOnlySpan<byte> bytes, Deadline deadline)
        {
            try
            {
                process.StandardInput.BaseStream.Write(bytes);
                process.StandardInput.BaseStream.Flush();
                return Transfer.Done;
            }
            catch (IOException)
            {
                return Transfer.Closed;
            }
        }

        public override Transfer Read(Span<byte> bytes, Deadline deadline)
        {
            byte[] copy = new byte[bytes.Length];
            Task read = process.StandardOutput.BaseStream.ReadExactlyAsync(copy).AsTask();
            try
            {
                if (!read.Wait(deadline.Remaining))
                {
                    return Transfer.TimedOut;
                }
            }
            catch (AggregateException)
            {
                return Transfer.Closed;
            }

            copy.CopyTo(bytes);
            return Transfer.Done;
        }

        public override void Dispose() => process.Dispose();
    }
}
