using System.Diagnostics;
using System.Text;
using Ark.Core.Configuration;
using Ark.Daemon.Configuration;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class ConfigurationStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ark-configuration-").FullName;
    private readonly ManualClock _clock = new(DateTimeOffset.UtcNow + TimeSpan.FromHours(1));
    private readonly LogLines _log = new();
    private readonly string _file;
    private readonly ConfigurationStore _store;

    public ConfigurationStoreTests()
    {
        _file = Path.Combine(Directory.CreateDirectory(Path.Combine(_root, "ark")).FullName, "config.json");
        _store = new ConfigurationStore(_file, _clock, _log.Logger);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Without_a_file_there_is_an_empty_configuration()
    {
        Assert.Equal("", Hosts());
        Assert.Same(ArkConfiguration.Empty, Assert.IsType<ConfigurationOutcome.Loaded>(_store.Current()).Configuration);
    }

    [Fact]
    public void A_file_that_appears_changes_and_goes_counts_at_the_next_look()
    {
        Write("a.example.com");
        Assert.Equal("a.example.com", Hosts());

        Write("b.example.com", "a.example.com");
        Assert.Equal("b.example.com a.example.com", Hosts());

        File.Delete(_file);
        Assert.Equal("", Hosts());
    }

    [Fact]
    public void A_removed_host_is_gone_at_the_next_look()
    {
        Write("a.example.com", "b.example.com");
        Assert.Equal("a.example.com b.example.com", Hosts());

        Write("a.example.com");

        Assert.Equal("a.example.com", Hosts());
    }

    [Fact]
    public void Opening_its_directory_to_others_or_closing_it_again_counts_like_an_edit()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are Unix's");
        Write("a.example.com");
        Assert.Equal("a.example.com", Hosts());

        string directory = Path.GetDirectoryName(_file)!;
        Chmod(directory, "777");
        Assert.Contains("can be written by others", UserError(), StringComparison.Ordinal);

        Chmod(directory, "700");
        Assert.Equal("a.example.com", Hosts());
    }

    [Fact]
    public void A_rename_over_it_counts_though_length_and_time_are_the_same()
    {
        Write("a.example.com");
        Assert.Equal("a.example.com", Hosts());
        var other = _file + ".new";
        File.WriteAllText(other, Configuration("b.example.com"));
        Close(other);
        File.SetLastWriteTimeUtc(other, File.GetLastWriteTimeUtc(_file));

        File.Move(other, _file, overwrite: true);

        Assert.Equal("b.example.com", Hosts());
    }

    [Fact]
    public void A_second_write_within_the_tick_of_the_file_systems_clock_counts_too()
    {
        Write("a.example.com");
        var now = File.GetLastWriteTimeUtc(_file);
        _clock.Now = now;
        Assert.Equal("a.example.com", Hosts());

        Write("b.example.com");
        File.SetLastWriteTimeUtc(_file, now);

        Assert.Equal("b.example.com", Hosts());
    }

    [Fact]
    public void A_file_that_does_not_change_is_read_once_and_logged_once()
    {
        Write("a.example.com");
        var first = _store.Current();

        Assert.Same(first, _store.Current());
        _clock.Now = File.GetLastWriteTimeUtc(_file);
        Assert.Same(first, _store.Current());
        Assert.Single(_log.All);
    }

    [Fact]
    public void A_chmod_counts_at_the_next_look_in_both_directions()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file modes");
        Write("a.example.com");
        Assert.Equal("a.example.com", Hosts());

        Chmod(_file, "660");
        Assert.Contains("can be written by others (mode 660)", UserError(), StringComparison.Ordinal);

        Chmod(_file, "640");
        Assert.Equal("a.example.com", Hosts());
    }

    [Theory]
    [InlineData("770")]
    [InlineData("707")]
    [InlineData("777")]
    public void A_directory_that_others_can_write_is_refused(string mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file modes");
        Write("a.example.com");
        Chmod(Path.GetDirectoryName(_file)!, mode);

        Assert.Contains($"can be written by others (mode {mode})", UserError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sticky_directory_is_no_danger()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file modes");
        Write("a.example.com");
        Chmod(Path.GetDirectoryName(_file)!, "1777");

        Assert.Equal("a.example.com", Hosts());
    }

    [Fact]
    public void A_link_to_a_file_of_ours_is_followed_and_a_change_there_counts()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        var real = LinkTo("dotfiles", "configuration.json");
        File.WriteAllText(real, Configuration("a.example.com"));
        Close(real);
        Assert.Equal("a.example.com", Hosts());

        File.WriteAllText(real, Configuration("b.example.com", "c.example.com"));
        Assert.Equal("b.example.com c.example.com", Hosts());
    }

    [Fact]
    public void A_link_into_a_directory_that_others_can_write_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        var real = LinkTo("open", "configuration.json");
        File.WriteAllText(real, Configuration("a.example.com"));
        Close(real);
        Chmod(Path.GetDirectoryName(real)!, "777");

        Assert.Contains("can be written by others", UserError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_others_could_turn_elsewhere_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        var real = LinkTo("dotfiles", "configuration.json");
        File.WriteAllText(real, Configuration("a.example.com"));
        Close(real);
        Chmod(Path.GetDirectoryName(_file)!, "777");

        Assert.Contains("can be written by others", UserError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_linked_directory_is_looked_at_where_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        Write("a.example.com");
        var real = Path.Combine(_root, "real");
        Directory.Move(Path.GetDirectoryName(_file)!, real);
        Directory.CreateSymbolicLink(Path.GetDirectoryName(_file)!, real);
        Assert.Equal("a.example.com", Hosts());

        File.WriteAllText(Path.Combine(real, "config.json"), Configuration("a.example.com", "b.example.com"));
        Chmod(real, "777");

        Assert.Contains("can be written by others", UserError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_to_nowhere_or_to_itself_serves_nothing_rather_than_everything()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        File.CreateSymbolicLink(_file, Path.Combine(_root, "missing"));
        Assert.Contains("cannot be read", UserError(), StringComparison.Ordinal);

        File.Delete(_file);
        File.CreateSymbolicLink(_file, _file);
        Assert.Contains("cannot be read", UserError(), StringComparison.Ordinal);

        File.Delete(_file);
        Assert.Equal("", Hosts());
    }

    [Fact]
    public void A_file_of_another_user_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "only root can give a file away");
        Write("a.example.com");
        Run("chown", "65534", _file);

        Assert.Contains("belongs to another user", UserError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_a_device_and_a_directory_are_refused_at_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "no such files");
        Run("mkfifo", "-m", "600", _file);
        Assert.Contains("is not an ordinary file", UserError(), StringComparison.Ordinal);

        File.Delete(_file);
        File.CreateSymbolicLink(_file, "/dev/zero");
        Assert.Contains("is not an ordinary file", UserError(), StringComparison.Ordinal);

        File.Delete(_file);
        Directory.CreateDirectory(_file);
        Assert.Contains("is not an ordinary file", UserError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_serves_nothing_and_is_read_once_it_can_be()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "root can read everything");
        Write("a.example.com");
        Chmod(_file, "000");
        Assert.Contains("cannot be read", UserError(), StringComparison.Ordinal);

        Chmod(_file, "600");
        Assert.Equal("a.example.com", Hosts());
    }

    [Fact]
    public void A_directory_that_cannot_be_entered_serves_nothing_rather_than_everything()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "root can enter every directory");
        Write("a.example.com");
        Chmod(Path.GetDirectoryName(_file)!, "000");
        try
        {
            Assert.Contains("cannot be read", UserError(), StringComparison.Ordinal);
        }
        finally
        {
            Chmod(Path.GetDirectoryName(_file)!, "700");
        }
    }

    [Theory]
    [InlineData("", ":1:1: ")]
    [InlineData("{\n  \"organizations\": [,]\n}", ":2:21: ")]
    [InlineData("{\n  \"mode\": \"sometimes\"\n}", ":2:11: ")]
    public void An_invalid_file_serves_nothing_and_says_where_it_is_wrong(string text, string place)
    {
        Write("a.example.com");
        Assert.Equal("a.example.com", Hosts());

        File.WriteAllText(_file, text);

        Assert.Contains(_file + place, UserError(), StringComparison.Ordinal);
        Assert.Contains("configuration not used", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_file_serves_none_of_its_hosts_and_a_repaired_one_only_those_it_still_has()
    {
        Write("a.example.com", "b.example.com");
        Assert.Equal("a.example.com b.example.com", Hosts());

        File.WriteAllText(_file, Configuration("a.example.com")[..^4]);
        Assert.Contains("the file ends too early", UserError(), StringComparison.Ordinal);

        Write("b.example.com");
        Assert.Equal("b.example.com", Hosts());
    }

    [Fact]
    public void A_giant_file_is_refused_after_sixteen_mebibytes()
    {
        using (var file = File.Create(_file))
        {
            file.SetLength(1L << 30);
        }

        Close(_file);
        Assert.Contains("larger than 16 MiB", UserError(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/somewhere/configuration.json", "/xdg", "/somewhere/configuration.json")]
    [InlineData("", "/xdg", "/xdg/ark/config.json")]
    public void The_file_is_where_the_variables_say(string config, string xdg, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix paths");

        Assert.Equal(
            expected, ConfigurationStore.Locate(name => name switch { "ARK_CONFIG" => config, "XDG_CONFIG_HOME" => xdg, _ => null }));
    }

    private static string Configuration(params string[] hosts) => Encoding.UTF8.GetString(
        [.. "{ \"organizations\": [{ \"name\": \"tbd\", \"registries\": [{ \"hosts\": ["u8,
            .. Encoding.UTF8.GetBytes(string.Join(", ", hosts.Select(host => $"\"{host}\""))),
            .. "], \"source\": { \"type\": \"ecr\", \"accountId\": \"123456789012\", \"region\": \"eu-west-1\" } }] }] }"u8]);

    private string Hosts() => string.Join(' ', Assert.IsType<ConfigurationOutcome.Loaded>(_store.Current()).Configuration.Hosts);

    private string UserError() => Assert.IsType<ConfigurationOutcome.Invalid>(_store.Current()).Problem.Message;

    private void Write(params string[] hosts)
    {
        File.WriteAllText(_file, Configuration(hosts));
        Close(_file);
    }

    private string LinkTo(string directory, string name)
    {
        var real = Path.Combine(Directory.CreateDirectory(Path.Combine(_root, directory)).FullName, name);
        Chmod(Path.GetDirectoryName(real)!, "700");
        File.CreateSymbolicLink(_file, real);
        return real;
    }

    /// <summary>Whatever this machine's umask is, a new file is the owner's alone.</summary>
    private static void Close(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            Chmod(Path.GetDirectoryName(file)!, "700");
            Chmod(file, "600");
        }
    }

    private static void Chmod(string path, string mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
