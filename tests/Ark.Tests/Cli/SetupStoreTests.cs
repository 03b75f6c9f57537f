using Ark.Messages;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>ark as docker's credsStore, with the store from before as the fallback helper of the configuration.</summary>
public sealed class SetupStoreTests : IDisposable
{
    private const string Docker = "{\n\t\"auths\": {\n\t\t\"ghcr.io\": {}\n\t},\n\t\"credsStore\": \"secretservice\"\n}";

    private const string ConfigurationText =
        "{\n  // Whose registries.\n  \"defaultOrganization\": \"acme\", // the usual one\n  \"organizations\": [],\n}\n";

    private readonly SomeUser _user = new();

    public SetupStoreTests() => _user.Daemon.Answer = (_, _) => FakeDaemon.Says(SomeConfiguration.Json(Configuration));

    private string Configuration => Path.Combine(_user.Home, ".config", "ark", "config.json");

    public void Dispose() => _user.Dispose();

    [Fact]
    public void A_store_that_only_the_users_PATH_has_is_written_down_by_its_path()
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

    [Theory]
    [InlineData("echo 'pass is not initialized: exit status 1' >&2; exit 1", "pass is not initialized: exit status 1")]
    [InlineData("exit 1", "it ends without a word")]
    public void A_store_that_does_not_answer_is_not_replaced(string script, string why)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "its programs are scripts");
        SomeUser.MakeProgram(Path.Combine(_user.Environment["PATH"], "docker-credential-secretservice"), $"#!/bin/sh\n{script}\n");
        _user.HasConfig(Docker);
        Assert.Equal(1, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal($"ark: error: docker's store secretservice does not list its logins: {why}", _user.Error.Split('\n')[0]);
        Assert.Equal(Docker, _user.ReadConfig());
        Assert.False(File.Exists(Configuration));
    }

    [Fact]
    public void A_store_whose_logins_do_not_come_through_the_daemon_is_put_back()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "its programs are scripts");
        SomeUser.MakeProgram(
            Path.Combine(_user.Environment["PATH"], "docker-credential-secretservice"), "#!/bin/sh\necho '{\"123456789012.dkr.ecr.us-east-1.amazonaws.com\":\"AWS\",\"ghcr.io\":\"you\"}'\n");
        _user.Daemon.Explains = static registry => new RegistryExplanation
        {
            Host = registry,
            State = registry == "ghcr.io" ? "not-served" : "served",
        };
        _user.HasConfig(Docker);
        string[] before = _user.Everything();
        _user.Daemon.Answer = (verb, _) => verb == Verb.Get
            ? FakeDaemon.Says("no\n", "ark: error: the store is locked\nark: hint: unlock it\n", 1)
            : FakeDaemon.Says(SomeConfiguration.Json(Configuration));
        Assert.Equal(1, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Contains("ark: error: the store is locked\n", _user.Error, StringComparison.Ordinal);
        Assert.Contains("the login for ghcr.io does not come out of secretservice through ark", _user.Error, StringComparison.Ordinal);
        Assert.Equal(before, _user.Everything());

        _user.Daemon.Answer = (verb, _) => FakeDaemon.Says(
            verb == Verb.Get ? """{"ServerURL":"ghcr.io","Username":"you","Secret":"SENTINEL"}""" : SomeConfiguration.Json(Configuration));
        Assert.Equal(0, _user.Run("setup", "--yes", "--creds-store"));
        Assert.All(_user.Daemon.Asked.Where(static asked => asked.Verb == Verb.Get), static asked => Assert.Equal("ghcr.io", asked.Payload));
        Assert.DoesNotContain("SENTINEL", _user.Out + _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_saved_in_dockers_file_while_the_store_is_tried_is_not_overwritten()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "its programs are scripts");
        SomeUser.MakeProgram(
            Path.Combine(_user.Environment["PATH"], "docker-credential-secretservice"), "#!/bin/sh\necho '{\"ghcr.io\":\"you\"}'\n");
        _user.Daemon.Explains = static registry => new RegistryExplanation { Host = registry, State = "not-served" };
        _user.HasConfig(Docker);
        string theirs = Docker.Replace("ghcr.io", "quay.io", StringComparison.Ordinal);
        _user.Daemon.Answer = (verb, _) =>
        {
            if (verb == Verb.Get)
            {
                _user.HasConfig(theirs);
            }

            return FakeDaemon.Says(verb == Verb.Get ? "{}" : SomeConfiguration.Json(Configuration));
        };
        Assert.Equal(1, _user.Run("setup", "--yes", "--creds-store"));
        Assert.Equal(theirs, _user.ReadConfig());
        Assert.False(File.Exists(Configuration));
        Assert.False(File.Exists(_user.Backup));
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
    public void A_configuration_that_two_docker_files_need_is_restored_with_the_last()
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

    private void HasConfiguration(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Configuration)!);
        File.WriteAllText(Configuration, text);
    }
}
