using System.Runtime.Versioning;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class InitTests : IDisposable
{
    private const string Proposal = "{\n  // From your profiles.\n  \"organizations\": []\n}\n";

    private readonly SomeUser _user = new();

    public InitTests() => _user.Daemon.Answer = (verb, _) =>
        FakeDaemon.Says(verb == Verb.Propose ? Proposal : SomeConfiguration.Json(File));

    private string File => Path.Combine(_user.Home, ".config", "ark", "config.json");

    private string Folder => Path.GetDirectoryName(File)!;

    public void Dispose() => _user.Dispose();

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void What_is_written_is_for_its_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix modes");
        _user.Run("init", "--yes");
        Assert.Equal("700", Mode(Folder));
        Assert.Equal("600", Mode(File));

        System.IO.File.SetUnixFileMode(File, (UnixFileMode)Convert.ToInt32("666", 8));
        Assert.Equal(0, _user.Run("init", "--yes", "--force"));
        Assert.All(Directory.GetFiles(Folder), file => Assert.Equal("600", Mode(file)));
    }

    [Fact]
    public void A_symbolic_link_stays_and_the_file_it_leads_to_is_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        Directory.CreateDirectory(Folder);
        System.IO.File.CreateSymbolicLink(File, "real.json");
        Assert.Equal(0, _user.Run("init", "--yes"));
        Assert.Equal("real.json", new FileInfo(File).LinkTarget);
        Assert.Equal(Proposal, System.IO.File.ReadAllText(Path.Combine(Folder, "real.json")));
    }

    [UnsupportedOSPlatform("windows")]
    private static string Mode(string path) => Convert.ToString((int)System.IO.File.GetUnixFileMode(path), 8);
}
