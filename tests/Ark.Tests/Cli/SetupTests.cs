using System.Runtime.Versioning;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class SetupTests : IDisposable
{
    private const string Existing = "{\n\t\"auths\": {\n\t\t\"ghcr.io\": {\n\t\t\t\"auth\": \"" + The.Secret + "\"\n\t\t}\n\t}\n}";

    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public void Without_a_file_setup_makes_one_and_undo_leaves_nothing_behind()
    {
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.Equal($"{{\n\t\"credHelpers\": {{\n\t\t\"{The.Host}\": \"ark\"\n\t}}\n}}\n", _user.ReadConfig());
        Assert.False(File.Exists(_user.Backup));

        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Empty(_user.Everything());
        Assert.Equal("", _user.Error);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void New_files_and_directories_are_for_their_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix modes");
        _user.Run("setup", "--yes", "--host", The.Host);
        Assert.Equal("700", Mode(Path.GetDirectoryName(_user.Config)!));
        Assert.Equal("600", Mode(_user.Config));
        Assert.Equal("600", Mode(_user.Receipt));
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

    [Fact]
    public void A_dry_run_shows_the_change_and_writes_nothing()
    {
        _user.HasConfig(Existing[..^2] + ",\n\t\"credHelpers\": {\n\t\t\"quay.io\": \"other\"\n\t}\n}");
        var before = _user.Everything();
        Assert.Equal(0, _user.Run("setup", "--dry-run", "--host", The.Host));
        Assert.Equal(before, _user.Everything());
        Assert.Equal($"""
            --- {_user.Config}
            +++ {_user.Config}
            @@ credHelpers @@
               "quay.io": "other"
            +  "{The.Host}": "ark"
            nothing was written

            """.ReplaceLineEndings("\n"), _user.Out);
    }

    [Fact]
    public void Nobody_to_ask_and_no_yes_writes_nothing()
    {
        Assert.Equal(1, _user.Run("setup", "--host", The.Host));
        Assert.Equal("ark: error: not writing without being told to\nark: hint: add --yes, or --dry-run to look first\n", _user.Error);
        Assert.Empty(_user.Everything());
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData(" YES ", true)]
    [InlineData("n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_person_is_asked_before_anything_is_written(string? answer, bool writes)
    {
        _user.CanAsk = true;
        if (answer is not null)
        {
            _user.Answers.Enqueue(answer);
        }

        Assert.Equal(writes ? 0 : 1, _user.Run("setup", "--host", The.Host));
        Assert.Equal(writes, File.Exists(_user.Config));
        Assert.Equal($"write this to {_user.Config}? [y/N] ", _user.Error);
    }

    [Fact]
    public void A_file_that_changes_while_a_person_thinks_is_left_alone()
    {
        _user.HasConfig("{}");
        _user.CanAsk = true;
        _user.WhenAsked = () => _user.HasConfig("{\"auths\": {}}");
        _user.Answers.Enqueue("y");
        Assert.Equal(1, _user.Run("setup", "--host", The.Host));
        Assert.Equal("{\"auths\": {}}", _user.ReadConfig());
        Assert.Contains("was changed by another program meanwhile", _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_of_another_helper_is_taken_only_when_told_and_given_back_by_undo()
    {
        var before = $"{{\"credHelpers\": {{\"{The.Host}\": \"ecr-login\"}}}}";
        _user.HasConfig(before);
        Assert.Equal(1, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.StartsWith($"ark: error: {The.Host} is served by another helper already: ecr-login\n", _user.Error, StringComparison.Ordinal);
        Assert.Equal(before, _user.ReadConfig());

        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host, "--replace"));
        Assert.Equal($"{{\"credHelpers\": {{\"{The.Host}\": \"ark\"}}}}", _user.ReadConfig());
        Assert.Contains($"-  \"{The.Host}\": \"ecr-login\"\n+  \"{The.Host}\": \"ark\"\n", _user.Out, StringComparison.Ordinal);

        _user.HasConfig(_user.ReadConfig() + "\n");
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before + "\n", _user.ReadConfig());
    }

    [Theory]
    [InlineData("{\n  \"a\": oops\n}", "CONFIG is not a valid JSON object (line 2, column 8)")]
    [InlineData("[]", "CONFIG is not a valid JSON object (line 1, column 1)")]
    [InlineData("{\"credHelpers\": []}", "\"credHelpers\" in CONFIG is not an object")]
    [InlineData("{\"credHelpers\": {}, \"credhelpers\": {}}", "CONFIG has \"credHelpers\" 2 times")]
    [InlineData("{\"auths\": {}, \"auths\": {}}", "CONFIG has \"auths\" 2 times")]
    [InlineData("{\"credHelpers\": {\"h\": \"a\", \"h\": \"b\"}}", "\"credHelpers\" in CONFIG has \"h\" more than once")]
    public void A_file_that_cannot_be_understood_is_not_touched(string text, string message)
    {
        _user.HasConfig(text);
        var before = _user.Everything();
        Assert.Equal(1, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.StartsWith($"ark: error: {message.Replace("CONFIG", _user.Config)}\nark: hint: ", _user.Error, StringComparison.Ordinal);
        Assert.Equal(before, _user.Everything());
    }

    [Fact]
    public void Without_a_home_it_says_so()
    {
        _user.Environment.Remove("HOME");
        _user.Environment.Remove("USERPROFILE");
        Assert.Equal(1, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.Matches("^ark: error: (HOME|USERPROFILE) is not set, ", _user.Error);
    }

    [Fact]
    public void The_directory_of_DOCKER_CONFIG_is_made_and_used()
    {
        var other = Path.Combine(_user.Home, "a", "b");
        _user.Environment["DOCKER_CONFIG"] = other;
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.True(File.Exists(Path.Combine(other, "config.json")));
        Assert.False(File.Exists(_user.Config));

        _user.Environment.Remove("DOCKER_CONFIG");
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal($"nothing to undo: setup did not change {_user.Config}\nalso set up: {Path.Combine(other, "config.json")}; "
            + $"undo it with DOCKER_CONFIG={other} ark setup --undo\n", _user.Out);

        _user.Environment["DOCKER_CONFIG"] = other;
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Empty(_user.Everything());
    }

    [Fact]
    public void A_backup_from_elsewhere_is_never_overwritten()
    {
        _user.HasConfig("{}");
        File.WriteAllText(_user.Backup, "precious");
        Assert.Equal(1, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.Equal(("{}", "precious"), (_user.ReadConfig(), File.ReadAllText(_user.Backup)));
    }

    [Fact]
    public void What_would_keep_the_helper_from_being_asked_is_warned_of()
    {
        var auth = Path.Combine(_user.Home, ".config", "containers", "auth.json");
        Directory.CreateDirectory(Path.GetDirectoryName(auth)!);
        File.WriteAllText(auth, $"{{\"auths\": {{\"{The.Host}/app\": {{\"auth\": \"{The.Secret}\"}}, \"{The.OtherHost}\": {{}}}}}}");
        _user.Environment["PATH"] = _user.Home;
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host, "--host", The.OtherHost));
        Assert.Equal($"""
            ark: warning: docker-credential-ark is not on PATH, where docker looks for it
            ark: hint: add its directory to PATH
            ark: warning: podman and skopeo take the login for {The.Host}/app from {auth} and never ask ark
            ark: hint: podman logout --authfile {auth} {The.Host}/app

            """.ReplaceLineEndings("\n"), _user.Error);
    }

    [UnsupportedOSPlatform("windows")]
    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);
}
