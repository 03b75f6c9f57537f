using Xunit;

namespace Ark.Tests.Cli;

/// <summary>ark as docker's credsStore, with the store from before as the configuration's fallback helper.</summary>
public sealed class SetupStoreTests : IDisposable
{
    private const string Docker = "{\n\t\"auths\": {\n\t\t\"ghcr.io\": {}\n\t},\n\t\"credsStore\": \"secretservice\"\n}";
    private const string ConfigurationText = "{\n  // Whose registries.\n  \"defaultOrganization\": \"acme\", // the usual one\n  \"organizations\": [],\n}\n";

    private readonly SomeUser _user = new();

    public SetupStoreTests() => _user.Daemon.Answer = (_, _) => FakeDaemon.Says(SomeConfiguration.Json(Configuration));

    private string Configuration => Path.Combine(_user.Home, ".config", "ark", "config.json");

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData("secretservice")]
    [InlineData("desktop")]
    [InlineData("osxkeychain")]
    [InlineData("wincred")]
    [InlineData("pass")]
    public void The_store_from_before_becomes_the_fallback_helper_and_undo_restores_both_files(string store)
    {
        _user.HasConfig(Docker.Replace("secretservice", store, StringComparison.Ordinal));
        HasConfiguration(ConfigurationText);
        var before = _user.Everything();
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal("{\n\t\"auths\": {\n\t\t\"ghcr.io\": {}\n\t},\n\t\"credsStore\": \"ark\"\n}", _user.ReadConfig());
        Assert.Equal(ConfigurationText.Insert(1, $"\n  \"fallbackHelper\": \"{store}\","), File.ReadAllText(Configuration));
        Assert.Equal($"""
            --- {_user.Config}
            +++ {_user.Config}
            @@ credsStore @@
            -  "credsStore": "{store}"
            +  "credsStore": "ark"
            --- {Configuration}
            +++ {Configuration}
            +  "fallbackHelper": "{store}"
            wrote {_user.Config}; the file as it was, with the logins it holds, is config.json.ark-backup beside it until ark setup --undo
            wrote {Configuration}; {store} goes on serving every registry that is not ark's

            """.ReplaceLineEndings("\n"), _user.Out);

        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
        Assert.Contains($"{Configuration} is without its fallbackHelper\n", _user.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_only_the_users_PATH_has_is_written_by_its_path()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the daemon has the user's PATH there");
        var usual = Directory.CreateDirectory(Path.Combine(_user.Home, ".local", "bin")).FullName;
        var program = Path.Combine(_user.Environment["PATH"], "docker-credential-secretservice");
        SomeUser.MakeProgram(program, "#!/bin/sh\n");
        _user.HasConfig(Docker);
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal($"{{\n\t\"fallbackHelper\": \"{program}\"\n}}\n", File.ReadAllText(Configuration));

        // The same store in docker's file and in the configuration, although by two names.
        _user.HasConfig(Docker);
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal(0, _user.Run("setup", "--undo"));

        _user.Environment["PATH"] = $"{usual}:{_user.Environment["PATH"]}";
        SomeUser.MakeProgram(Path.Combine(usual, "docker-credential-secretservice"), "#!/bin/sh\n");
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal("{\n\t\"fallbackHelper\": \"secretservice\"\n}\n", File.ReadAllText(Configuration));
    }

    [Fact]
    public void Without_a_configuration_one_is_made_for_the_fallback_helper_and_goes_again()
    {
        _user.HasConfig(Docker);
        var before = _user.Everything();
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal("{\n\t\"fallbackHelper\": \"secretservice\"\n}\n", File.ReadAllText(Configuration));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
    }

    [Fact]
    public void Files_edited_since_lose_only_what_is_ours()
    {
        _user.HasConfig(Docker);
        HasConfiguration(ConfigurationText);
        _user.Run("setup", "--yes", "--creds-store");
        _user.HasConfig(_user.ReadConfig().Replace("{}", "{ }", StringComparison.Ordinal));
        HasConfiguration(File.ReadAllText(Configuration).Replace("acme", "beta", StringComparison.Ordinal));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(Docker.Replace("{}", "{ }", StringComparison.Ordinal), _user.ReadConfig());
        Assert.Equal(ConfigurationText.Replace("acme", "beta", StringComparison.Ordinal), File.ReadAllText(Configuration));
        Assert.False(File.Exists($"{Configuration}.ark-backup"));
    }

    [Fact]
    public void A_fallback_helper_that_somebody_changed_since_stays_theirs()
    {
        _user.HasConfig(Docker);
        HasConfiguration(ConfigurationText);
        _user.Run("setup", "--yes", "--creds-store");
        HasConfiguration("{ \"fallbackHelper\": \"pass\" }");
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal("{ \"fallbackHelper\": \"pass\" }", File.ReadAllText(Configuration));
    }

    [Fact]
    public void A_password_in_dockers_own_file_that_would_be_lost_stops_it()
    {
        _user.HasConfig("{\"auths\": {\"ghcr.io\": {\"auth\": \"" + The.Secret + "\"}, \"" + The.Host + "\": {\"auth\": \"" + The.Secret + "\"}, \"quay.io\": {}}}");
        var before = _user.Everything();
        Assert.Equal(1, _user.Run("setup", "--yes", "--creds-store"));
        Assert.StartsWith("ark: error: docker's file itself holds the login for ghcr.io, which docker would no longer find", _user.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(The.Secret, _user.Error + _user.Out, StringComparison.Ordinal);
        Assert.Equal(before, _user.Everything());
    }

    [Fact]
    public void Without_a_store_and_without_foreign_logins_ark_is_the_store_and_the_map_stays()
    {
        _user.HasConfig("{\"auths\": {\"" + The.OtherHost + "\": {\"auth\": \"" + The.Secret + "\"}}}");
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Contains("\"credsStore\": \"ark\"", _user.ReadConfig(), StringComparison.Ordinal);
        Assert.False(File.Exists(Configuration));
    }

    [Fact]
    public void A_configuration_with_another_fallback_helper_is_not_overwritten()
    {
        _user.HasConfig(Docker);
        HasConfiguration("{\"fallbackHelper\": \"pass\"}");
        var before = _user.Everything();
        Assert.Equal(1, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal($"ark: error: docker's credsStore is secretservice, but the configuration's fallbackHelper is pass\nark: hint: make them the same; the configuration is {Configuration}\n", _user.Error);
        Assert.Equal(before, _user.Everything());
    }

    [Theory]
    [InlineData("{\"chain\": null}", "{\"chain\": \"secretservice\"}")]
    [InlineData("{\"chain\": \"secretservice\"}", "{\"chain\": \"secretservice\"}")]
    public void The_old_name_of_the_fallback_helper_is_kept_where_it_is(string before, string after)
    {
        _user.HasConfig(Docker);
        HasConfiguration(before);
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal(after, File.ReadAllText(Configuration));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal((Docker, before), (_user.ReadConfig(), File.ReadAllText(Configuration)));
    }

    [Fact]
    public void A_fallback_helper_that_is_there_already_is_left_as_it_is()
    {
        _user.HasConfig(Docker);
        HasConfiguration("{\"fallbackHelper\": \"secretservice\"}");
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal((Docker, "{\"fallbackHelper\": \"secretservice\"}"), (_user.ReadConfig(), File.ReadAllText(Configuration)));
    }

    [Fact]
    public void The_store_is_ark_once_and_hosts_can_be_added_later()
    {
        _user.HasConfig(Docker);
        HasConfiguration(ConfigurationText);
        var before = _user.Everything();
        _user.Run("setup", "--yes", "--creds-store");
        Assert.Equal(0, _user.Run("setup", "--creds-store"));
        Assert.StartsWith("nothing to do", _user.Out, StringComparison.Ordinal);
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
    }

    [Fact]
    public void A_dry_run_and_a_dry_undo_write_nothing()
    {
        _user.HasConfig(Docker);
        HasConfiguration(ConfigurationText);
        var before = _user.Everything();
        Assert.Equal(0, _user.Run("setup", "--dry-run", "--creds-store"));
        Assert.Equal(before, _user.Everything());

        _user.Run("setup", "--yes", "--creds-store");
        var written = _user.Everything();
        Assert.Equal(0, _user.Run("setup", "--undo", "--dry-run"));
        Assert.Equal($"would: {Configuration} is without its fallbackHelper\nwould leave {_user.Config} as it was before setup; nothing was written\n", _user.Out);
        Assert.Equal(written, _user.Everything());
    }

    [Fact]
    public void A_configuration_that_two_docker_configurations_rely_on_is_restored_with_the_last()
    {
        _user.HasConfig(Docker);
        HasConfiguration(ConfigurationText);
        var other = Path.Combine(_user.Home, "other");
        Directory.CreateDirectory(other);
        File.WriteAllText(Path.Combine(other, "config.json"), Docker);
        var before = _user.Everything();
        _user.Run("setup", "--yes", "--creds-store");
        _user.Environment["DOCKER_CONFIG"] = other;
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        _user.Environment.Remove("DOCKER_CONFIG");
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Contains("\"fallbackHelper\"", File.ReadAllText(Configuration), StringComparison.Ordinal);
        _user.Environment["DOCKER_CONFIG"] = other;
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(before, _user.Everything());
    }

    [Theory]
    [InlineData("{\"credsStore\": 1}", "\"credsStore\" in CONFIG is not a name")]
    [InlineData("{\"credsStore\": \"a\", \"credsstore\": \"b\"}", "CONFIG has \"credsStore\" more than once")]
    [InlineData("{\"credsStore\": \"ark-acme\"}", "docker's credsStore is ark already, as ark-acme")]
    public void A_store_that_cannot_be_the_fallback_helper_is_told(string config, string message)
    {
        _user.HasConfig(config);
        Assert.Equal(1, _user.Run("setup", "--yes", "--creds-store"));
        Assert.StartsWith($"ark: error: {message.Replace("CONFIG", _user.Config)}\n", _user.Error, StringComparison.Ordinal);
        Assert.Equal(config, _user.ReadConfig());
    }

    [Fact]
    public void A_map_that_changes_while_a_person_thinks_is_left_alone()
    {
        _user.HasConfig(Docker);
        HasConfiguration(ConfigurationText);
        _user.CanAsk = true;
        _user.WhenAsked = () => HasConfiguration("{}");
        _user.Answers.Enqueue("y");
        Assert.Equal(1, _user.Run("setup", "--creds-store"));
        Assert.Equal((Docker, "{}"), (_user.ReadConfig(), File.ReadAllText(Configuration)));
        Assert.False(File.Exists(_user.Receipt));
    }

    private void HasConfiguration(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Configuration)!);
        File.WriteAllText(Configuration, text);
    }
}
