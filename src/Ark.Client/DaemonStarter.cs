using Ark.Wire;
using Ark.Wire.Unix;

namespace Ark.Client;

/// <summary>
/// Brings up one daemon for however many clients ask at once: look, take the start lock, look again, start, wait until it listens.
/// </summary>
internal sealed class DaemonStarter(Func<string, string?> environment)
{
    /// <summary>How long a daemon may take from start to listening before we do without it.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns an open connection to a daemon that we or somebody else started, or says why there is none.</summary>
    public ConnectResult Start(DaemonAddress.Found address, Deadline whole)
    {
        if (DaemonProgram.Find(environment) is not { } program)
        {
            return NoProgram();
        }

        Deadline deadline = whole.AtMost(StartLimit);
        TimeSpan pause = TimeSpan.FromMilliseconds(1);
        bool weStarted = false;
        int process = 0;
        IDisposable? startLock = null;
        try
        {
            while (!deadline.Passed)
            {
                // Everybody looks at every turn: whoever waits for the lock needs the daemon, not the lock.
                ConnectResult result = Connection.Open(address, deadline);
                if (result is ConnectResult.Connected or ConnectResult.Refused)
                {
                    return result;
                }

                if (startLock is null)
                {
                    startLock = TryLock(address);

                    // Holding it now, the next turn looks once more before anything is started.
                }
                else if (!weStarted && result is ConnectResult.Absent)
                {
                    weStarted = true;
                    if (!Launch(program, out process))
                    {
                        return new ConnectResult.Refused($"cannot run {program}", "reinstall ark, or point ARK_DAEMON at the daemon's executable");
                    }
                }
                else if (weStarted && process != 0 && Unix.Spawn.HasEnded(process))
                {
                    // It may have found another daemon starting in the same moment; one more look decides.
                    return Connection.Open(address, deadline) is ConnectResult.Connected other
                        ? other
                        : new ConnectResult.Refused($"{program} stopped before it was ready", "see why with: ark daemon run");
                }

                Pause(ref pause);
            }

            return new ConnectResult.Refused($"{program} was not ready within {StartLimit.TotalSeconds:0} seconds", "see why with: ark daemon run");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ConnectResult.Refused($"cannot lock {LockPath(address)}", $"look at it with: ls -la {address.Directory}");
        }
        finally
        {
            startLock?.Dispose();
        }
    }

    public static ConnectResult.Refused NoProgram() => new(
        "the daemon's executable, arkd, is neither beside this program nor on PATH",
        "reinstall ark, or point ARK_DAEMON at arkd by its absolute path");

    private static string LockPath(DaemonAddress.Found address) => Path.Combine(address.Directory, "start.lock");

    private static IDisposable? TryLock(DaemonAddress.Found address)
    {
        string path = LockPath(address);
        if (!OperatingSystem.IsWindows())
        {
            return LockFile.TryTake(path);
        }

        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    private bool Launch(string program, out int process)
    {
        IEnumerable<string> variables = DaemonProgram.EnvironmentBlock(environment);
        if (OperatingSystem.IsWindows())
        {
            process = 0;
            return Windows.Spawn.Start(program, variables);
        }

        process = Unix.Spawn.Start(program, [], variables);
        return process != 0;
    }

    private static void Pause(ref TimeSpan pause)
    {
        Thread.Sleep(pause);
        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
    }
}
