using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Ark.Testing;

/// <summary>Ends what a test left running: asks our daemon first, then kills whatever has its directory in the environment.</summary>
internal static class Leftovers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void End(TemporaryHome home, string root)
    {
        if (Directory.Exists(home.DaemonDirectory) && File.Exists(Programs.Ark))
        {
            AskDaemon(home);
        }

        foreach (var process in RunningIn(root))
        {
            using (process)
            {
                Kill(process);
            }
        }
    }

    private static void AskDaemon(TemporaryHome home)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            home.RunAsync(Programs.Ark, ["daemon", "stop"], cancellation: limit.Token).GetAwaiter().GetResult();
        }
        catch (Exception fault) when (fault is OperationCanceledException or Win32Exception)
        {
            // It could not be asked, or did not listen: it will be killed.
        }
    }

    /// <summary>The root is a name made up for this one test, so no process of anybody else can have it in its environment.</summary>
    private static List<Process> RunningIn(string root)
    {
        List<Process> found = [];
        foreach (var directory in Directory.Exists("/proc") ? Directory.EnumerateDirectories("/proc") : [])
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || id == Environment.ProcessId)
            {
                continue;
            }

            try
            {
                if (File.ReadAllText(Path.Combine(directory, "environ")).Contains(root, StringComparison.Ordinal))
                {
                    found.Add(Process.GetProcessById(id));
                }
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // Gone meanwhile, or somebody else's.
            }
        }

        return found;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
            process.WaitForExit(Patience);
        }
        catch (Exception fault) when (fault is InvalidOperationException or Win32Exception)
        {
            // It ended by itself.
        }
    }
}
