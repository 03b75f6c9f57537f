using System.Text;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Installing;

/// <summary>
/// A user who is not root, with a home and the unpacked download. Where the tests run as root, setpriv makes somebody else of every
/// program; where they do not, it is whoever runs them. Disposing of it removes both.
/// </summary>
internal sealed class OrdinaryUser : IDisposable
{
    /// <summary>Nobody's number on any system that we know, and nobody's name is needed.</summary>
    private const string Id = "48123";

    private readonly string _root = Path.Combine("/tmp", "ark-" + Guid.NewGuid().ToString("N")[..12]);

    public OrdinaryUser()
    {
        string repository = Directory.GetParent(Programs.PublishDirectory)!.Parent!.Parent!.FullName;
        Directory.CreateDirectory(Download);
        Copy(Path.Combine(repository, "installers"), Path.Combine(Download, "installers"));
        Copy(Programs.PublishDirectory, Path.Combine(Download, "bin"));
        Directory.CreateDirectory(Home);
        Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = Home,
            ["PATH"] = $"{Home}/.local/bin:{Environment.GetEnvironmentVariable("PATH")}",
        };
    }

    public string Home => Path.Combine(_root, "home");

    /// <summary>Everything in it: no ARK_*, no AWS_*, no XDG_*.</summary>
    public Dictionary<string, string> Variables { get; }

    public string Installer => Path.Combine(Download, "installers", "linux", "install.sh");

    public string Executables => Path.Combine(Download, "bin");

    private string Download => Path.Combine(_root, "download");

    /// <summary>A file of the user's own.</summary>
    public void Write(string relativePath, string content)
    {
        string file = Path.Combine(Home, relativePath);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    /// <summary>Hands all of it to the user. To be called once, when everything is in place.</summary>
    public async Task MoveInAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await MustAsync("chown", "-R", $"{Id}:{Id}", _root);
        }
    }

    /// <summary>Runs a program as the user and expects it to succeed.</summary>
    public async Task<ProgramResult> RunAsync(string program, params string[] arguments)
    {
        ProgramResult result = Environment.IsPrivilegedProcess
            ? await Programs.RunAsync("setpriv", ["--reuid", Id, "--regid", Id, "--clear-groups", program, .. arguments], Variables, directory: Home)
            : await Programs.RunAsync(program, arguments, Variables, directory: Home);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result}");
        return result;
    }

    /// <summary>Every path below the home with its kind and mode, and every file's content: what "as it was" means.</summary>
    public string Inventory()
    {
        var inventory = new StringBuilder();
        foreach (FileSystemInfo entry in new DirectoryInfo(Home).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).OrderBy(entry => entry.FullName, StringComparer.Ordinal))
        {
            inventory.Append(Path.GetRelativePath(Home, entry.FullName)).Append(' ').Append(entry.UnixFileMode);
            if (entry is FileInfo { LinkTarget: null } file)
            {
                inventory.Append(' ').Append(Convert.ToHexString(File.ReadAllBytes(file.FullName)));
            }

            inventory.Append('\n');
        }

        return inventory.ToString();
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static async Task MustAsync(string program, params string[] arguments)
    {
        ProgramResult result = await Programs.RunAsync(program, arguments, new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "" });
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string directory in Directory.GetDirectories(from))
        {
            Copy(directory, Path.Combine(to, Path.GetFileName(directory)));
        }
    }
}
