using Xunit;

namespace Ark.Tests.Cli;

public sealed class SetupUndoTests : IDisposable
{
    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public void A_file_edited_since_loses_only_what_is_ours()
    {
        _user.HasConfig("{\n  \"a\": 1\n}\n");
        _user.Run("setup", "--yes", "--host", The.Host);
        _user.HasConfig(_user.ReadConfig().Replace("\"a\": 1", "\"a\": 2, \"b\": 3", StringComparison.Ordinal));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal("{\n  \"a\": 2, \"b\": 3\n}\n", _user.ReadConfig());
        Assert.Equal([Path.GetDirectoryName(_user.Config)!, _user.Config], _user.Everything().Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public void A_host_that_was_given_to_another_helper_since_stays_there()
    {
        _user.HasConfig("{}");
        _user.Run("setup", "--yes", "--host", The.Host, "--host", The.OtherHost);
        _user.HasConfig($"{{\"credHelpers\":{{\"{The.Host}\":\"ecr-login\",\"{The.OtherHost}\":\"ark\"}}}}");
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal($"{{\"credHelpers\":{{\"{The.Host}\":\"ecr-login\"}}}}", _user.ReadConfig());
    }

    [Fact]
    public void A_host_that_was_ark_before_setup_stays_ark()
    {
        var before = $"{{\"credHelpers\":{{\"{The.Host}\":\"ark\"}}}}";
        _user.HasConfig(before);
        _user.Run("setup", "--yes", "--host", The.Host, "--host", The.OtherHost);
        _user.HasConfig(_user.ReadConfig() + "\n");
        _user.Run("setup", "--undo");
        Assert.Equal(before + "\n", _user.ReadConfig());
    }

    [Fact]
    public void A_file_that_setup_made_and_docker_filled_with_empty_entries_goes()
    {
        _user.Run("setup", "--yes", "--host", The.Host);
        _user.HasConfig(
            $"{{\n\t\"auths\": {{\n\t\t\"{The.Host}\": {{}}\n\t}},\n\t\"credHelpers\": {{\n\t\t\"{The.Host}\": \"ark\"\n\t}}\n}}");
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Empty(_user.Everything());
    }

    [Fact]
    public void A_file_that_setup_made_and_others_use_since_stays()
    {
        _user.Run("setup", "--yes", "--host", The.Host);
        _user.HasConfig(_user.ReadConfig().Replace("{\n\t\"credH", "{\n\t\"credsStore\": \"pass\",\n\t\"credH", StringComparison.Ordinal));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal("{\n\t\"credsStore\": \"pass\"\n}\n", _user.ReadConfig());
        Assert.False(File.Exists(_user.State));
    }

    [Fact]
    public void Two_setups_are_undone_by_one_undo()
    {
        _user.HasConfig("{\r\n}\r\n");
        var before = _user.Everything();
        _user.Run("setup", "--yes", "--host", The.Host);
        _user.Run("setup", "--yes", "--host", The.OtherHost);
        Assert.Contains(The.OtherHost, _user.ReadConfig(), StringComparison.Ordinal);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
    }

    [Fact]
    public void What_others_wrote_between_two_setups_survives_the_undo()
    {
        _user.HasConfig("{\n\t\"a\": 1\n}");
        _user.Run("setup", "--yes", "--host", The.Host);
        _user.HasConfig(_user.ReadConfig().Replace("\"a\": 1", "\"a\": 2", StringComparison.Ordinal));
        _user.Run("setup", "--yes", "--host", The.OtherHost);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal("{\n\t\"a\": 2\n}", _user.ReadConfig());
        Assert.False(File.Exists(_user.Backup));
    }

    [Fact]
    public void A_file_that_setup_made_and_others_filled_between_two_setups_is_kept_by_undo()
    {
        _user.Run("setup", "--yes", "--host", The.Host);
        _user.HasConfig($"{{\"credsStore\":\"pass\",\"credHelpers\":{{\"{The.Host}\":\"ark\"}}}}");
        _user.Run("setup", "--yes", "--host", The.OtherHost);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal("{\"credsStore\":\"pass\"}", _user.ReadConfig());
    }

    [Fact]
    public void Without_its_backup_undo_still_takes_out_what_is_ours()
    {
        _user.HasConfig("{\"a\":1}");
        _user.Run("setup", "--yes", "--host", The.Host);
        File.Delete(_user.Backup);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal("{\"a\":1}", _user.ReadConfig());
    }

    [Fact]
    public void A_setup_that_was_killed_before_its_last_step_is_undone_and_can_be_repeated()
    {
        _user.HasConfig("{\"a\":1}");
        var before = _user.Everything();
        _user.Run("setup", "--yes", "--host", The.Host);
        _user.HasConfig("{\"a\":1}");
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());

        _user.Run("setup", "--yes", "--host", The.Host);
        _user.HasConfig("{\"a\":1}");
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.Contains(The.Host, _user.ReadConfig(), StringComparison.Ordinal);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
    }
}
