using System.Diagnostics;
using System.Runtime.Versioning;
using Ark.Tests.Architecture;
using Ark.Tests.Installers;
using Xunit;

namespace Ark.Tests.Scripts;

/// <summary>A copy of the scripts on a machine that has the usual commands and nothing to build with but what a test gives it.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class BareMachine : IDisposable
{
    private static readonly string[] Usual =
        ["bash", "cat", "cksum", "cp", "cut", "dirname", "env", "find", "grep", "ldd", "mkdir", "mv", "paste", "rm", "sed", "sh", "sha256sum", "sort", "uname", "wc", "xargs"];

    private readonly string _folder = Directory.CreateTempSubdirectory("ark-scripts-").FullName;

    public BareMachine()
    {
        Directory.CreateDirectory(Bin);
        foreach (string command in Usual)
        {
            string? real = new[] { "/usr/bin", "/bin" }.Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);
            File.CreateSymbolicLink(Path.Combine(Bin, command), real ?? throw new FileNotFoundException(command));
        }

        Copy("scripts/publish");
        Copy("scripts/lib/common.sh");
        Copy("global.json");
        Copy("Directory.Build.props");
        Copy(".editorconfig");
        Copy("src/Native.props");
    }

    private string Bin => Path.Combine(_folder, "bin");

    public void Has(string command, string body) => Sandbox.WriteProgram(Path.Combine(Bin, command), body);

    public void HasSdk() => Has("dotnet", "exit 0");

    /// <summary>A compiler that takes everything but what <paramref name="refusal"/> refuses, and binutils.</summary>
    public void HasLinker(string refusal)
    {
        Has("gcc", refusal + "\nexit 0");
        Has("objcopy", "exit 0");
        Has("ld.bfd", "exit 0");
    }

    public async Task<(int Code, string Output, string Errors)> PublishAsync()
    {
        var start = new ProcessStartInfo(Path.Combine(Bin, "bash"), [Path.Combine(_folder, "scripts", "publish")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Bin;
        start.Environment["HOME"] = _folder;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Copy(string relative)
    {
        string target = Path.Combine(_folder, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Repository.PathOf(relative), target);
    }
}
