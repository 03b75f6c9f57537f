using System.Text;
using Ark.Wire;
using Microsoft.Win32.SafeHandles;

namespace Ark.Client;

/// <summary>The daemon's executable: where it is, which build it is, and what it inherits.</summary>
public static class DaemonProgram
{
    private static readonly string FileName = OperatingSystem.IsWindows() ? "arkd.exe" : "arkd";

    /// <summary>
    /// The variables that a started daemon gets from us. Everything else stays behind: the first caller's AWS identity, proxy or
    /// certificates must not become everybody's.
    /// </summary>
    private static readonly string[] Inherited =
    [
        "USER", "LOGNAME", "LANG", "TZ", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "ARK_LOG",
        "SystemRoot", "SystemDrive", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "ComSpec", "PATHEXT",
    ];

    /// <summary>
    /// Where the daemon looks for the programs that AWS profiles name, below the home and then in the system. Not the caller's PATH: a
    /// project's own folder in front of it would choose programs for everybody else.
    /// </summary>
    private static readonly string[] HomePath = [".local/bin", ".nix-profile/bin"];

    private const string SystemPath =
        "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:"
        + "/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin:/snap/bin:/run/current-system/sw/bin";

    /// <summary>What to do about an executable that does not run.</summary>
    internal const string Reinstall = "reinstall ark, or point ARK_DAEMON at the daemon's executable";

    internal static ConnectResult.Refused NotFound => new(
        "the daemon's executable, arkd, is neither beside this program nor on PATH",
        "reinstall ark, or point ARK_DAEMON at arkd by its absolute path");

    /// <summary><c>ARK_DAEMON</c>, else beside this executable, else on PATH; null when there is none.</summary>
    public static string? Find(Func<string, string?> environment) => Find(environment, Path.GetDirectoryName(Environment.ProcessPath));

    /// <summary>The same, for a program that is in <paramref name="besides"/>.</summary>
    public static string? Find(Func<string, string?> environment, string? besides)
    {
        if (environment("ARK_DAEMON") is { Length: > 0 } given)
        {
            return Path.IsPathFullyQualified(given) && File.Exists(given) ? given : null;
        }

        IEnumerable<string?> directories = [besides, .. (environment("PATH") ?? "").Split(Path.PathSeparator)];
        foreach (string? directory in directories)
        {
            // A relative entry of PATH would let the current directory supply the daemon.
            if (Path.IsPathFullyQualified(directory ?? "") && Path.Combine(directory!, FileName) is var candidate && File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>
    /// Which build the daemon's executable is. It takes a process to ask, so the answer is kept beside the socket for as long as the
    /// executable stays the same; <see cref="Installed.IsNews"/> for the one caller that had to ask.
    /// </summary>
    /// <param name="environment">Our environment.</param>
    /// <param name="directory">The runtime directory.</param>
    /// <param name="ask">Runs the executable; null when it does not say.</param>
    internal static Installed? Build(Func<string, string?> environment, string directory, Func<string?> ask)
    {
        try
        {
            if (Find(environment) is not { } program || TryLock(Path.Combine(directory, "arkd.build")) is not { } file)
            {
                // Somebody else is asking just now.
                return null;
            }

            using (file)
            {
                var found = new FileInfo(File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program);
                string stamp = $"{found.FullName} {found.Length} {found.LastWriteTimeUtc.Ticks}\n";
                byte[] kept = new byte[RandomAccess.GetLength(file)];
                string text = Encoding.UTF8.GetString(kept, 0, RandomAccess.Read(file, kept, 0));
                if (text.StartsWith(stamp, StringComparison.Ordinal))
                {
                    return new Installed(text[stamp.Length..], IsNews: false);
                }

                if (ask() is not { } build)
                {
                    return null;
                }

                RandomAccess.SetLength(file, 0);
                RandomAccess.Write(file, Encoding.UTF8.GetBytes(stamp + build), 0);
                return new Installed(build, IsNews: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The daemon's whole environment, as <c>NAME=value</c>.</summary>
    /// <param name="environment">Ours.</param>
    /// <param name="directory">
    /// The runtime directory that we have chosen, so that the daemon chooses no other; null where that is of no matter.
    /// </param>
    internal static IEnumerable<string> EnvironmentBlock(Func<string, string?> environment, string? directory = null)
    {
        foreach (string name in Inherited)
        {
            if (environment(name) is { } value)
            {
                yield return $"{name}={value}";
            }
        }

        if ((directory ?? environment("ARK_RUNTIME_DIR")) is { } place)
        {
            yield return $"ARK_RUNTIME_DIR={place}";
        }

        if (OperatingSystem.IsWindows())
        {
            yield return $"PATH={environment("PATH")}";
            yield break;
        }

        // Under sudo HOME often stays another user's: neither its files nor its programs are for us.
        string? home = RuntimeDirectory.Home(environment);
        if (home is not null)
        {
            yield return $"HOME={home}";
        }

        yield return $"PATH={UnixPath(home)}";
    }

    private static string UnixPath(string? home) =>
        home is not null ? $"{string.Concat(HomePath.Select(directory => $"{Path.Combine(home, directory)}:"))}{SystemPath}" : SystemPath;

    /// <summary>Takes a lock without waiting; the handle holds it. Null when another process has it.</summary>
    internal static SafeFileHandle? TryLock(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            return LockFile.TryTake(path);
        }

        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}

/// <summary>What is known of the daemon's executable.</summary>
/// <param name="Build">Its version.</param>
/// <param name="IsNews">Whether nobody knew until now.</param>
internal sealed record Installed(string Build, bool IsNews);
