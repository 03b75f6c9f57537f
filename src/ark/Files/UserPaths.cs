using System.Text;
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
    public string SetupState => Path.Combine(
        OperatingSystem.IsWindows()
            ? Set("LOCALAPPDATA") ?? Path.Combine(Home, "AppData", "Local")
            : Absolute("XDG_STATE_HOME") ?? Path.Combine(Home, ".local", "state"),
        Application,
        "setup.json");

    /// <summary>The files of podman, skopeo and buildah that win over docker's, where they can be, in their order.</summary>
    public IEnumerable<string> ContainersAuth =>
    [
        .. Absolute("REGISTRY_AUTH_FILE") is { } named ? [named] : Array.Empty<string>(),
        .. from directory in new[] { Absolute("XDG_RUNTIME_DIR"), Absolute("XDG_CONFIG_HOME") ?? InHome(".config") }
           where directory is not null
           select Path.Combine(directory, "containers", "auth.json"),
    ];

    /// <summary>The files in which clients keep logins, whether they are there or not, each once.</summary>
    public IEnumerable<ClientFile> ClientFiles => new[]
    {
        new ClientFile("docker", DockerConfig),
        new ClientFile("docker", InHome(".docker", "config.json")),
        new ClientFile("docker before 1.7", InHome(".dockercfg")) { IsOldFormat = true },
        new ClientFile("docker of snap", InHome("snap", "docker", "current", ".docker", "config.json")),
        new ClientFile("helm", HelmRegistry),
    }
        .Concat(ContainersAuth.Select(static file => new ClientFile("podman, skopeo and buildah", file)))
        .Where(static file => file.Path is not null)
        .DistinctBy(static file => file.Path);

    /// <summary>What the variable that docker reads before any file has, or null.</summary>
    public byte[]? DockerAuthConfig => Set("DOCKER_AUTH_CONFIG") is { } text ? Encoding.UTF8.GetBytes(text) : null;

    private string? HelmRegistry => Absolute("HELM_REGISTRY_CONFIG")
        ?? (Absolute("HELM_CONFIG_HOME") is { } helm ? Path.Combine(helm, "registry", "config.json")
            : Absolute("XDG_CONFIG_HOME") is { } config ? Path.Combine(config, "helm", "registry", "config.json")
            : OperatingSystem.IsMacOS() ? InHome("Library", "Preferences", "helm", "registry", "config.json")
            : OperatingSystem.IsWindows() && Set("APPDATA") is { } roaming ? Path.Combine(roaming, "helm", "registry", "config.json")
            : InHome(".config", "helm", "registry", "config.json"));

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

    private string? InHome(params string[] parts) => Set(HomeVariable) is { } home ? Path.Combine([home, .. parts]) : null;

    private string? Set(string variable) => environment(variable) is not { Length: > 0 } value ? null
        : value.Contains('\0', StringComparison.Ordinal)
            ? throw new UserError($"{variable} contains a NUL character", $"set {variable} to a valid path")
        : value;

    // The XDG rules say that a relative path is to be ignored.
    private string? Absolute(string variable) => Set(variable) is { } value && Path.IsPathFullyQualified(value) ? value : null;
}

/// <summary>A file in which a client keeps logins.</summary>
/// <param name="Client">Whose it is, for people.</param>
/// <param name="Path">Where it is, or would be; null for a variable.</param>
internal sealed record ClientFile(string Client, string? Path)
{
    /// <summary>True for the file of docker's first years, in which logins stand at the root.</summary>
    public bool IsOldFormat { get; init; }
}
