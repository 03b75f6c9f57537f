using Ark.Cli.Output;
using Ark.Wire;

namespace Ark.Cli.Files;

/// <summary>Where this user's files are, by the environment alone.</summary>
internal sealed class UserPaths(Func<string, string?> environment)
{
    private const string Application = "ark";

    /// <summary>docker's configuration: <c>$DOCKER_CONFIG/config.json</c>, else <c>~/.docker/config.json</c>.</summary>
    public string DockerConfig => Path.GetFullPath(Path.Combine(Set("DOCKER_CONFIG") ?? Path.Combine(Home, ".docker"), "config.json"));

    /// <summary>What setup did: in <c>${XDG_STATE_HOME:-~/.local/state}/ark</c>, on Windows in <c>%LOCALAPPDATA%\ark</c>.</summary>
    public string SetupState => Path.Combine(State, "setup.json");

    /// <summary>The log of a daemon that a client started, in the same directory.</summary>
    public string Log => Path.Combine(State, "arkd.log");

    private string State => Path.Combine(
        OperatingSystem.IsWindows()
            ? Set("LOCALAPPDATA") ?? Path.Combine(Home, "AppData", "Local")
            : Absolute("XDG_STATE_HOME") ?? Path.Combine(Home, ".local", "state"),
        Application);

    /// <summary>
    /// The store of this system that docker takes while its file says nothing of credentials, and finds a helper for; null for none.
    /// </summary>
    public string? SystemStore =>
        (OperatingSystem.IsWindows() ? "wincred" : OperatingSystem.IsMacOS() ? "osxkeychain"
            : FindProgram("pass") is not null ? "pass" : "secretservice") is var store && FindProgram($"docker-credential-{store}") is not null
            ? store
            : null;

    private static string HomeVariable => OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME";

    public string Home => Set(HomeVariable)
        ?? throw new UserError(
            $"{HomeVariable} is not set, so docker's configuration cannot be found", $"set {HomeVariable} to your home directory");

    /// <summary>
    /// Under sudo the home and docker's configuration often stay another user's: root would leave files there that they cannot change, and
    /// run the helpers that they name.
    /// </summary>
    /// <exception cref="UserError">One of them is not this user's.</exception>
    public void RefuseAnotherUsers()
    {
        foreach (string variable in (string[])[HomeVariable, "DOCKER_CONFIG"])
        {
            if (Set(variable) is { } directory && Directory.Exists(directory) && !Ownership.IsOurs(directory))
            {
                throw new UserError(
                    $"{variable} is another user's: {directory}",
                    "run this as that user, or set it to a directory of your own");
            }
        }
    }

    /// <summary>The full path of a program as a shell would find it, or null.</summary>
    public string? FindProgram(string name) =>
        (Set("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? $"{name}.exe" : name))
            .FirstOrDefault(IsProgram);

    /// <summary>
    /// What to call another credential helper so that the daemon finds it, which does not have this user's PATH: its name where it is in
    /// one of the places in which the daemon looks however it was started, else its path. On Windows the daemon does have that PATH.
    /// </summary>
    public string NameForDaemon(string helper)
    {
        string[] places = ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", Path.Combine(Home, ".local", "bin")];
        return !OperatingSystem.IsWindows()
            && FindProgram($"docker-credential-{helper}") is { } program
            && Path.IsPathFullyQualified(program)
            && !places.Contains(Path.GetDirectoryName(program))
            ? program
            : helper;
    }

    /// <summary>True for a file that may be executed by somebody.</summary>
    public static bool IsProgram(string path) => File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    /// <summary>A path below the home, or null where none is known.</summary>
    public string? InHome(params string[] parts) => Set(HomeVariable) is { } home ? Path.Combine([home, .. parts]) : null;

    /// <summary>What a variable says, or null where it says nothing.</summary>
    public string? Set(string variable) => environment(variable) is not { Length: > 0 } value ? null
        : value.Contains('\0', StringComparison.Ordinal)
            ? throw new UserError($"{variable} contains a NUL character", $"set {variable} to a valid path")
        : value;

    /// <summary>The path that a variable names; a relative one is to be ignored, as the XDG rules say.</summary>
    public string? Absolute(string variable) => Set(variable) is { } value && Path.IsPathFullyQualified(value) ? value : null;
}
