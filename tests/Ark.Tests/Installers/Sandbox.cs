using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Installers;

/// <summary>
/// A temporary user: a home with something in it, executables to install, and session managers (systemctl, launchctl) that note
/// what they are asked instead of touching the real ones. Nothing of the real environment but PATH goes into what is run.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class Sandbox : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ark-installer-").FullName;

    public Sandbox(bool sessionAnswers = true)
    {
        Home = Make("home");
        Executables = Make("built here & there");
        Write(Path.Combine(Home, ".profile"), "# mine\n");
        Directory.CreateDirectory(Path.Combine(Home, ".config"));
        foreach (string program in new[] { "docker-credential-ark", "arkd", "ark" })
        {
            WriteProgram(Path.Combine(Executables, program), $"echo \"{program} $*\" >> '{Calls}'");
        }

        string wants = Path.Combine(Home, ".config", "systemd", "user", "sockets.target.wants");
        WriteProgram(Path.Combine(Make("bin"), "systemctl"), $"""
            echo "systemctl $*" >> '{Calls}'
            case "$*" in
                *" enable "*) mkdir -p '{wants}' && ln -sf ../arkd.socket '{wants}/arkd.socket' ;;
                *" disable "*) rm -f '{wants}/arkd.socket' ;;
            esac
            {(sessionAnswers ? "exit 0" : "exit 1")}
            """);
        WriteProgram(Path.Combine(_folder, "bin", "launchctl"), $"""
            echo "launchctl $*" >> '{Calls}'
            {(sessionAnswers ? "exit 0" : "exit 1")}
            """);
    }

    public static string Installers { get; } = Path.Combine(Root(), "installers");

    public string Home { get; }

    public string Executables { get; }

    public string Bin => Path.Combine(Home, ".local", "bin");

    public string State => Path.Combine(Home, ".local", "state", "ark");

    private string Calls => Path.Combine(_folder, "calls");

    /// <summary>What the installed programs and the session managers were asked, in order.</summary>
    public string[] Called() => File.Exists(Calls) ? File.ReadAllLines(Calls) : [];

    /// <summary>Runs an installer on the executables of this sandbox.</summary>
    public Task<Run> Install(string system, params string[] arguments) => RunInstaller(system, ["--from", Executables, .. arguments]);

    public async Task<Run> RunInstaller(string system, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(Installers, system, "install.sh"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        start.Environment.Clear();
        start.Environment["HOME"] = Home;
        start.Environment["PATH"] = $"{Path.Combine(_folder, "bin")}:{path}";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Run(process.ExitCode, await output, await errors);
    }

    /// <summary>Every entry of the home: path, mode, and the hash of what a file says or where a link points.</summary>
    public string[] Tree() => [.. new DirectoryInfo(Home).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .Select(entry => $"{Path.GetRelativePath(Home, entry.FullName)} {entry.UnixFileMode} {Content(entry)}")
        .Order(StringComparer.Ordinal)];

    public static void WriteProgram(string path, string body)
    {
        Write(path, $"#!/bin/sh\n{body}\n");
        ExecutableFile.Make(path);
    }

    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Makes somebody else the owner of a file, a folder or a link itself.</summary>
    public static void GiveAway(string path)
    {
        using var chown = Process.Start("chown", ["-h", "65534", path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Content(FileSystemInfo entry) => entry switch
    {
        { LinkTarget: { } target } => $"-> {target}",
        FileInfo file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName))),
        _ => "folder",
    };

    private string Make(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "CredHelper.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests run outside the repository");
    }

    internal sealed record Run(int Code, string Output, string Errors);
}
