using System.Runtime.InteropServices;
using Ark.Wire;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace Ark.Daemon.Lifetime;

/// <summary>The first thing the daemon does: nobody may read its memory, and whatever it creates is its own.</summary>
internal static unsafe partial class Hardening
{
    private const int Cpu = 0, FileSize = 1, Data = 2;

    /// <summary>What a busy daemon has beside those that it starts with: the pool's, the timer's, of signals and of names.</summary>
    private const int ThreadsNeeded = 12;

    /// <summary>
    /// Trying costs up to some milliseconds of a cold start. A system's own limit is thousands, so only one that somebody set is tried.
    /// </summary>
    private const int AmpleProcesses = 4096;

    private static readonly int AddressSpace = OperatingSystem.IsMacOS() ? 5 : 9;
    private static readonly int Processes = OperatingSystem.IsMacOS() ? 7 : 6;
    private static readonly int Files = OperatingSystem.IsMacOS() ? 8 : 7;

    public static void Apply()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _ = Libc.umask(0x3F /* 0077 */);

        // Nothing is ever looked for in whatever folder somebody happened to start us from.
        Directory.SetCurrentDirectory("/");

        // A core file would hold every cached token.
        CoreFiles.Forbid();

        // A caller's limits were not meant for a daemon that serves others after it.
        foreach (int resource in (int[])[Cpu, FileSize, Data, AddressSpace, Processes])
        {
            _ = Raise(resource);
        }

        // What is left of a limit on files costs the lines of the log that do not fit, and not the daemon.
        FileSizeSignal.Ignore();

        if (OperatingSystem.IsLinux())
        {
            // No debugger of the same user, no core dump, whatever the system's defaults are.
            _ = prctl(4 /* PR_SET_DUMPABLE */, 0, 0, 0, 0);
        }
        else
        {
            _ = ptrace(31 /* PT_DENY_ATTACH */, 0, 0, 0);
        }
    }

    /// <summary>
    /// The limit, if any, that is so tight that memory or threads could not be had later: such a daemon would answer once, never look at
    /// its clock again, and stand in everybody's way. One request can be served all the same.
    /// </summary>
    public static TightLimit? FindTightLimit() =>
        OperatingSystem.IsWindows() ? null
        : FindTightLimit(Raise(AddressSpace), Raise(Data), Raise(Files))
        ?? (Raise(Processes) >= AmpleProcesses || CanHaveThreads(static thread => thread.Start()) ? null
            : new TightLimit("processes", "ulimit -u", "16 more than now"));

    /// <summary>The same, for limits that have been raised.</summary>
    internal static TightLimit? FindTightLimit(nuint addressSpace, nuint data, nuint files) =>
        addressSpace < 512UL << 20 ? new TightLimit("address space", "ulimit -v", "512 MiB")
        : data < 256UL << 20 ? new TightLimit("data", "ulimit -d", "256 MiB")
        : files < 64 ? new TightLimit("open files", "ulimit -n", "256")
        : null;

    /// <summary>
    /// Whether as many threads can be had as the daemon will need, all at once. Nobody can be told later: .NET ends, or waits for ever.
    /// </summary>
    internal static bool CanHaveThreads(Action<Thread> start)
    {
        const int SmallStack = 64 << 10;
        using var enough = new ManualResetEvent(false);
        var started = new List<Thread>();
        try
        {
            while (started.Count < ThreadsNeeded)
            {
                var thread = new Thread(() => enough.WaitOne(), SmallStack);
                start(thread);
                started.Add(thread);
            }

            return true;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
        finally
        {
            enough.Set();
            started.ForEach(static thread => thread.Join());
        }
    }

    /// <summary>Raises the limit on open files as far as it goes, and answers it: every connection takes one.</summary>
    public static int RaiseFileLimit() =>
        OperatingSystem.IsWindows() ? int.MaxValue : (int)nuint.Min(
            Raise(Files), int.MaxValue);

    /// <summary>Raises a limit as far as it goes, and answers it.</summary>
    private static nuint Raise(int resource)
    {
        nuint* limits = stackalloc nuint[2]; // now, at most
        if (getrlimit(resource, limits) != 0)
        {
            return 256;
        }

        nuint now = limits[0];
        limits[0] = limits[1];
        return now == limits[1] || setrlimit(resource, limits) == 0 ? limits[1] : now;
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, nuint* limits);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, nuint* limits);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint value, nuint a, nuint b, nuint c);

    [LibraryImport("libc")]
    private static partial int ptrace(int request, int process, nint address, int data);
}

/// <summary>A limit of whoever started us.</summary>
/// <param name="Name">What it limits.</param>
/// <param name="Command">Shows it.</param>
/// <param name="Enough">What would do.</param>
internal sealed record TightLimit(string Name, string Command, string Enough);
