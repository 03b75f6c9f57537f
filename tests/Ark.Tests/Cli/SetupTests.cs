using System.Runtime.Versioning;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class SetupTests : IDisposable
{
    private const string Existing = "{\n\t\"auths\": {\n\t\t\"ghcr.io\": {\n\t\t\t\"auth\": \"" + The.Secret + "\"\n\t\t}\n\t}\n}";

    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void New_files_and_directories_are_for_their_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix modes");
        _user.Run("setup", "--yes", "--host", The.Host);
        Assert.Equal("700", Mode(Path.GetDirectoryName(_user.Config)!));
        Assert.Equal("600", Mode(_user.Config));
        Assert.Equal("600", Mode(_user.State));
    }

    [Theory]
    [InlineData("644")]
    [InlineData("600")]
    [InlineData("640")]
    [UnsupportedOSPlatform("windows")]
    public void The_mode_of_the_file_stays_and_its_backup_is_for_the_owner_only(string mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix modes");
        _user.HasConfig(Existing);
        File.SetUnixFileMode(_user.Config, (UnixFileMode)Convert.ToInt32(mode, 8));
        _user.Run("setup", "--yes", "--host", The.Host);
        Assert.Equal(mode, Mode(_user.Config));
        Assert.Equal("600", Mode(_user.Backup));
        _user.Run("setup", "--undo");
        Assert.Equal(mode, Mode(_user.Config));
    }

    [Fact]
    public void A_symbolic_link_stays_and_the_file_it_leads_to_is_edited()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        var dotfiles = Path.Combine(Directory.CreateDirectory(Path.Combine(_user.Home, "dotfiles")).FullName, "docker.json");
        File.WriteAllText(dotfiles, Existing);
        Directory.CreateDirectory(Path.GetDirectoryName(_user.Config)!);
        File.CreateSymbolicLink(_user.Config, "../dotfiles/docker.json");
        var before = _user.Everything();

        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.Equal("../dotfiles/docker.json", new FileInfo(_user.Config).LinkTarget);
        Assert.Contains(The.Host, File.ReadAllText(dotfiles), StringComparison.Ordinal);
        Assert.Equal([dotfiles], Directory.GetFiles(Path.GetDirectoryName(dotfiles)!));

        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
    }

    [Fact]
    public void A_link_to_a_file_that_is_not_there_yet_stays_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        Directory.CreateDirectory(Path.GetDirectoryName(_user.Config)!);
        File.CreateSymbolicLink(_user.Config, "real.json");
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(_user.Config)!, "real.json")));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal("real.json", new FileInfo(_user.Config).LinkTarget);
        Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(_user.Config)!, "real.json")));
    }

    [UnsupportedOSPlatform("windows")]
    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);
}
