using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>What could go wrong beside a setup, and must not cost anybody a login.</summary>
public sealed class SetupHarmTests : IDisposable
{
    private const string Logins = """{"auths": {"ghcr.io": {"auth": "U0VOVElORUw="}}}""";

    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task Setups_that_run_at_once_lose_no_host_and_one_undo_takes_all_back()
    {
        _user.HasConfig(Logins);
        string[] before = _user.Everything();
        string[] hosts = [.. Enumerable.Range(0, 12).Select(number => $"h{number % 6}.example.com")];

        int[] codes = await Task.WhenAll(hosts.Select(host => Task.Run(
            () => _user.Twin().Run("setup", "--yes", host), TestContext.Current.CancellationToken)));

        Assert.All(codes, code => Assert.Equal(0, code));
        JsonObject helpers = JsonNode.Parse(_user.ReadConfig())!["credHelpers"]!.AsObject();
        Assert.Equal(hosts.Distinct().Order(), helpers.Select(helper => helper.Key).Order());
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
    }

    [Theory]
    [InlineData("config.json.ark-backup")]
    [InlineData("config.json")]
    public void A_setup_that_fails_half_way_leaves_the_home_as_it_was_and_can_be_repeated(string immovable)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "directories stand in the way of files there too");
        _user.HasConfig(Logins);

        // Where a directory stands, no file can be put.
        string obstacle = Path.Combine(Path.GetDirectoryName(_user.Config)!, immovable);
        if (immovable == "config.json")
        {
            File.Delete(obstacle);
        }

        Directory.CreateDirectory(Path.Combine(obstacle, "full"));
        string[] before = _user.Everything();
        Assert.Equal(1, _user.Run("setup", "--yes", The.Host));
        Assert.Equal(before, _user.Everything());

        Directory.Delete(obstacle, recursive: true);
        Assert.Equal(0, _user.Run("setup", "--yes", The.Host));
    }

    [Fact]
    public void A_record_that_cannot_be_written_keeps_everything_as_it_was()
    {
        _user.HasConfig(Logins);
        File.WriteAllText(Path.Combine(_user.Home, ".local"), "a file where a directory would be");
        string[] before = _user.Everything();

        Assert.Equal(1, _user.Run("setup", "--yes", The.Host));

        Assert.Equal(before, _user.Everything());
    }

    [Fact]
    public void A_backup_that_a_killed_setup_left_does_not_block_the_next()
    {
        _user.HasConfig(Logins);
        File.WriteAllText(_user.Backup, Logins);

        Assert.Equal(0, _user.Run("setup", "--yes", The.Host));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(Logins, _user.ReadConfig());
    }

    [Fact]
    public void A_backup_of_somebody_else_is_never_overwritten()
    {
        _user.HasConfig(Logins);
        File.WriteAllText(_user.Backup, "mine");

        Assert.Equal(1, _user.Run("setup", "--yes", The.Host));
        Assert.Equal("mine", File.ReadAllText(_user.Backup));
    }

    [Fact]
    public void A_folder_that_has_gone_is_no_dead_end_for_undo()
    {
        string folder = Path.Combine(_user.Home, "elsewhere");
        _user.Environment["DOCKER_CONFIG"] = folder;
        Assert.Equal(0, _user.Run("setup", "--yes", The.Host));
        Directory.Delete(folder, recursive: true);

        Assert.Equal(0, _user.Run("setup", "--undo"));

        Assert.Equal($"{Path.Combine(folder, "config.json")} is absent: somebody else removed it\n", _user.Out);
        Assert.Empty(_user.Everything());
    }

    [Fact]
    public void A_link_into_a_folder_that_is_not_there_yet_stays_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        Directory.CreateDirectory(Path.GetDirectoryName(_user.Config)!);
        File.CreateSymbolicLink(_user.Config, Path.Combine(_user.Home, "dotfiles", "docker.json"));
        string[] before = [.. Directory.EnumerateFileSystemEntries(_user.Home, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

        Assert.Equal(0, _user.Run("setup", "--yes", The.Host));
        Assert.Contains(The.Host, File.ReadAllText(Path.Combine(_user.Home, "dotfiles", "docker.json")), StringComparison.Ordinal);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(
            before, Directory.EnumerateFileSystemEntries(_user.Home, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_not_an_ordinary_file_is_refused_by_name()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such files there");
        Directory.CreateDirectory(Path.GetDirectoryName(_user.Config)!);
        using (var made = System.Diagnostics.Process.Start("mkfifo", [_user.Config]))
        {
            made.WaitForExit();
        }

        Assert.Equal(1, _user.Run("setup", "--yes", The.Host));
        Assert.Contains($"{_user.Config} is not an ordinary file", _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_link_to_what_another_program_writes_is_told_as_that()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        string store = Directory.CreateDirectory(Path.Combine(_user.Root, "store")).FullName;
        File.WriteAllText(Path.Combine(store, "docker.json"), "{}");
        Directory.CreateDirectory(Path.GetDirectoryName(_user.Config)!);
        File.CreateSymbolicLink(_user.Config, Path.Combine(store, "docker.json"));
        File.SetUnixFileMode(store, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.SkipWhen(CanWrite(store), "root writes everywhere");
            Assert.Equal(1, _user.Run("setup", "--yes", The.Host));
            Assert.Contains($"{_user.Config} leads to {store}/docker.json, which cannot be written", _user.Error, StringComparison.Ordinal);
            Assert.False(File.Exists(_user.Backup));
            Assert.False(File.Exists(_user.State));
        }
        finally
        {
            File.SetUnixFileMode(store, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Theory]
    [InlineData("""{"credsStore": "pass", "credSstore": "secretservice"}""", "secretservice")]
    [InlineData("""{"CREDSSTORE": "pass"}""", "pass")]
    public void Names_count_as_docker_reads_them_without_regard_to_case_and_the_last_one_wins(string config, string store)
    {
        _user.HasConfig(config);
        string[] before = _user.Everything();
        string configuration = Path.Combine(_user.Home, "configuration.json");
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(SomeConfiguration.Json(configuration));

        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));

        Assert.Equal(store, (string?)JsonNode.Parse(File.ReadAllText(configuration))!["fallbackHelper"]);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
    }

    [Theory]
    [InlineData(null, "pass")]
    [InlineData("{}", "pass")]
    [InlineData("""{"HttpHeaders": {"a": "b"}}""", "pass")]
    [InlineData("""{"auths": {"ghcr.io": {}}}""", null)]
    [InlineData("""{"credsStore": "other"}""", "other")]
    [InlineData("""{"credHelpers": {"ghcr.io": "other"}}""", null)]
    public void The_store_that_docker_would_find_by_itself_stays_the_store(string? config, string? store)
    {
        Assert.SkipWhen(!OperatingSystem.IsLinux(), "other systems have stores of other names");
        SomeUser.MakeProgram(Path.Combine(_user.Environment["PATH"], "pass"), "#!/bin/sh\n");
        SomeUser.MakeProgram(Path.Combine(_user.Environment["PATH"], "docker-credential-pass"), "#!/bin/sh\n");
        if (config is not null)
        {
            _user.HasConfig(config);
        }

        string[] before = _user.Everything();
        Assert.Equal(0, _user.Run("setup", "--yes", The.Host));

        Assert.Equal(store, (string?)JsonNode.Parse(_user.ReadConfig())!["credsStore"]);
        Assert.Equal(
            store == "pass", _user.Out.EndsWith("docker keeps all other logins in pass, as it would without ark\n", StringComparison.Ordinal));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
    }

    [Theory]
    [InlineData("ghcr.io", true)]
    [InlineData(null, false)]
    public void Undo_leaves_that_store_where_logins_were_saved_in_it_since(string? login, bool stays)
    {
        Assert.SkipWhen(!OperatingSystem.IsLinux(), "other systems have stores of other names");
        SomeUser.MakeProgram(Path.Combine(_user.Environment["PATH"], "docker-credential-secretservice"), "#!/bin/sh\n");
        _user.HasConfig("{}");
        Assert.Equal(0, _user.Run("setup", "--yes", The.Host));
        JsonNode config = JsonNode.Parse(_user.ReadConfig())!;
        config["auths"] = login is null ? new JsonObject() : new JsonObject { [login] = new JsonObject() };
        _user.HasConfig(config.ToJsonString());

        Assert.Equal(0, _user.Run("setup", "--undo"));

        Assert.Equal(stays ? "secretservice" : null, (string?)JsonNode.Parse(_user.ReadConfig())!["credsStore"]);
    }

    private static bool CanWrite(string directory)
    {
        try
        {
            string probe = Path.Combine(directory, "probe");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
