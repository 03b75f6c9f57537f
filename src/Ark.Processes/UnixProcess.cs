using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Ark.Processes;

/// <summary>
/// Starts a process that shares nothing with us: its own session, no descriptor but those that it is given, signals as if nobody had
/// touched them. A container tool waits until the last holder of its helper's output has gone, so a daemon that kept one would hang it.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static unsafe partial class UnixProcess
{
    /// <summary>Stands for the null device among the descriptors of a process.</summary>
    public const int Nothing = -1;

    private const short SignalDefaults = 0x04, SignalMask = 0x08;

    private static readonly short Detached = OperatingSystem.IsMacOS()
        ? (short)(0x0400 /* SETSID */ | 0x4000 /* CLOEXEC_DEFAULT */ | SignalDefaults | SignalMask)
        : (short)(0x80 /* SETSID */ | SignalDefaults | SignalMask);

    /// <summary>Starts <paramref name="program"/> in its own session; 0, or the system's number for what is in the way.</summary>
    /// <param name="program">Absolute path; also the first argument.</param>
    /// <param name="arguments">The arguments after it.</param>
    /// <param name="environment">The whole environment, <c>NAME=value</c>.</param>
    /// <param name="directory">The directory that it starts in.</param>
    /// <param name="descriptors">
    /// What its descriptors 0, 1, 2 and so on are: one of ours, or <see cref="Nothing"/>. Ours are above 2, so none of them is overwritten
    /// before it is copied as long as there are at most four.
    /// </param>
    /// <param name="process">Its id.</param>
    public static int Start(
        string program,
        IEnumerable<string> arguments,
        IEnumerable<string> environment,
        string directory,
        ReadOnlySpan<int> descriptors,
        out int process)
    {
        // The C library's own structures: 80 and 336 bytes in glibc, a pointer on macOS.
        byte* actions = stackalloc byte[512];
        byte* attributes = stackalloc byte[512];
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        nint[] arguments0 = CStrings([program, .. arguments]);
        nint[] environment0 = CStrings(environment);
        try
        {
            _ = posix_spawnattr_setflags(attributes, Detached);

            // Ignored and blocked signals are inherited too: a caller's blocked SIGTERM would make a daemon that cannot be stopped.
            byte* signals = stackalloc byte[128];
            _ = sigfillset(signals);
            _ = posix_spawnattr_setsigdefault(attributes, signals);
            _ = sigemptyset(signals);
            _ = posix_spawnattr_setsigmask(attributes, signals);

            for (int i = 0; i < descriptors.Length; i++)
            {
                _ = descriptors[i] == Nothing
                    ? posix_spawn_file_actions_addopen(actions, i, "/dev/null", 2 /* O_RDWR */, 0)
                    : posix_spawn_file_actions_adddup2(actions, descriptors[i], i);
            }

            _ = posix_spawn_file_actions_addchdir_np(actions, directory);
            if (!OperatingSystem.IsMacOS())
            {
                _ = posix_spawn_file_actions_addclosefrom_np(actions, descriptors.Length);
            }

            fixed (int* id = &process)
            fixed (nint* argv = arguments0, envp = environment0)
            {
                return posix_spawn(id, program, actions, attributes, argv, envp);
            }
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
            Array.ForEach(arguments0, Marshal.FreeCoTaskMem);
            Array.ForEach(environment0, Marshal.FreeCoTaskMem);
        }
    }

    /// <summary>
    /// How a process that <see cref="Start"/> started has ended, such as <c>exit code 1</c>; null while it has not. The system closes what
    /// a process had open a moment before it says that it has ended, so this can wait for that moment.
    /// </summary>
    public static string? End(int process, int withinMilliseconds)
    {
        const int NoHang = 1;
        int* status = stackalloc int[1];
        int ended;
        while ((ended = waitpid(process, status, NoHang)) == 0 && withinMilliseconds-- > 0)
        {
            Thread.Sleep(1);
        }

        return ended != process ? null : (*status & 0x7F) == 0 ? $"exit code {(*status >> 8) & 0xFF}" : $"signal {*status & 0x7F}";
    }

    private static nint[] CStrings(IEnumerable<string> strings) => [.. strings.Select(Marshal.StringToCoTaskMemUTF8), 0];

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(int* process, string path, byte* actions, byte* attributes, nint* arguments, nint* environment);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int descriptor, int copy);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    private static partial int waitpid(int process, int* status, int options);
}
