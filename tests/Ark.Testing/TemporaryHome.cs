using System.Text;

namespace Ark.Testing;

/// <summary>
/// A home directory that nobody used before, with the environment of a user who lives in it. Disposing of it ends every process that
/// still runs in that environment and removes the files.
/// </summary>
public sealed class TemporaryHome : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root;

    public TemporaryHome()
    {
        // A socket's path may have about 104 bytes, and the system's temporary directory alone can be half of that.
        var above = Directory.Exists("/tmp") ? "/tmp" : Path.GetTempPath();
        _root = Path.Combine(above, "ark-" + Guid.NewGuid().ToString("N")[..12]);
        foreach (var directory in (string[])[_root, Home, RuntimeDirectory])
        {
            CreateOwnerOnly(directory);
        }

        Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            ["HOME"] = Home,
            ["XDG_RUNTIME_DIR"] = RuntimeDirectory,
            ["ARK_RUNTIME_DIR"] = DaemonDirectory,
            ["ARK_CONFIG"] = ConfigurationFile,

            // The machine that runs the tests may be an instance with a role of its own.
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        };
        if (OperatingSystem.IsWindows())
        {
            Variables["USERPROFILE"] = Home;
            Variables["APPDATA"] = Path.Combine(Home, "AppData", "Roaming");
            Variables["SystemRoot"] = Environment.GetEnvironmentVariable("SystemRoot") ?? "";
        }
    }

    /// <summary>The home directory itself.</summary>
    public string Home => Path.Combine(_root, "home");

    /// <summary>XDG_RUNTIME_DIR, 0700.</summary>
    public string RuntimeDirectory => Path.Combine(_root, "run");

    /// <summary>ARK_RUNTIME_DIR. It does not exist: making it is the daemon's own affair.</summary>
    public string DaemonDirectory => Path.Combine(RuntimeDirectory, "ark");

    /// <summary>ARK_CONFIG. It does not exist until <see cref="WriteConfiguration"/>.</summary>
    public string ConfigurationFile => Path.Combine(Home, ".config", "ark", "config.json");

    public string DockerConfigFile => Path.Combine(Home, ".docker", "config.json");

    /// <summary>
    /// The whole environment: PATH, HOME, XDG_RUNTIME_DIR, ARK_RUNTIME_DIR, ARK_CONFIG, and no instance metadata. Nothing else is inherited,
    /// no <c>AWS_*</c> above all. A test adds what it needs.
    /// </summary>
    public Dictionary<string, string> Variables { get; }

    /// <summary>Writes <c>~/.aws/config</c> and returns its path.</summary>
    public string WriteAwsConfig(string content) => Write(".aws/config", content);

    /// <summary>Writes <c>~/.aws/credentials</c> and returns its path.</summary>
    public string WriteAwsCredentials(string content) => Write(".aws/credentials", content);

    /// <summary>Writes <c>~/.docker/config.json</c> and returns its path.</summary>
    public string WriteDockerConfig(string json) => Write(".docker/config.json", json);

    /// <summary>Writes the configuration and returns its path.</summary>
    public string WriteConfiguration(string json) => Write(".config/ark/config.json", json);

    /// <summary>Writes a file below the home, readable by its owner only, and returns its path.</summary>
    public string Write(string relativePath, string content)
    {
        var file = Path.Combine(Home, relativePath);
        CreateOwnerOnly(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }

    /// <summary>Writes an executable script below the home and returns its path. Unix only.</summary>
    public string WriteScript(string relativePath, string content)
    {
        var file = Write(relativePath, content);
        ExecutableFile.Make(file);
        return file;
    }

    /// <summary>Runs a program in this environment and in the home; see <see cref="Programs.RunAsync"/>.</summary>
    public Task<ProgramResult> RunAsync(
        string program, IReadOnlyList<string> arguments, string input = "", CancellationToken cancellation = default) =>
        Programs.RunAsync(program, arguments, Variables, Encoding.UTF8.GetBytes(input), Home, cancellation: cancellation);

    public void Dispose()
    {
        Leftovers.End(this, _root);
        Directory.Delete(_root, recursive: true);
    }

    private static void CreateOwnerOnly(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly);
        }
    }
}
