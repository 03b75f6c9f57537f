using Ark.Wire.Unix;

namespace Ark.Client;

/// <summary>Where the daemon's executable is and what it inherits.</summary>
public static class DaemonProgram
{
    private static readonly string FileName = OperatingSystem.IsWindows() ? "arkd.exe" : "arkd";

    /// <summary>
    /// The variables that a started daemon gets from us. Everything else stays behind: the first caller's AWS identity, proxy or
    /// certificates must not become everybody's.
    /// </summary>
    private static readonly string[] Inherited =
    [
        "USER", "LOGNAME", "LANG", "TZ", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "ARK_RUNTIME_DIR", "ARK_LOG",
        "SystemRoot", "SystemDrive", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "ComSpec", "PATHEXT",
    ];

    /// <summary>
    /// Where the daemon looks for the programs that AWS profiles name, below the home and then in the system. Not the caller's PATH: a
    /// project's own folder in front of it would choose programs for everybody else.
    /// </summary>
    private static readonly string[] HomePath = [".local/bin", ".nix-profile/bin"];

    private const string SystemPath =
        "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/opt/homebrew/bin:/home/linuxbrew/.linuxbrew/bin:/snap/bin:/run/current-system/sw/bin";

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

    /// <summary>The daemon's whole environment, as <c>NAME=value</c>.</summary>
    internal static IEnumerable<string> EnvironmentBlock(Func<string, string?> environment)
    {
        foreach (string name in Inherited)
        {
            if (environment(name) is { } value)
            {
                yield return $"{name}={value}";
            }
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
        home is not null ? $"{string.Concat(HomePath.Select(directory => $"{home}/{directory}:"))}{SystemPath}" : SystemPath;
}
