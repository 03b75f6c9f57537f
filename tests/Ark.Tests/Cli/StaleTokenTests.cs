using Ark.Cli.Docker;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>ECR's tokens in clients' files: some programs prefer them to the helper, and twelve hours later they are over.</summary>
public sealed class StaleTokenTests : IDisposable
{
    private readonly SomeUser _user = new();
    private readonly string _dead;
    private readonly string _alive;

    public StaleTokenTests()
    {
        _dead = The.Token(_user.Clock.GetUtcNow().AddHours(-1));
        _alive = The.Token(_user.Clock.GetUtcNow().AddHours(1));
    }

    public void Dispose() => _user.Dispose();

    private string Stored => $$"""
        {
          "auths": {
            "{{The.Host}}": {
              "auth": "{{_alive}}"
            },
            "https://{{The.Host}}/v2/": { "username": "AWS", "password": "{{The.PasswordOf(_dead)}}" },
            "ghcr.io": { "auth": "a2VlcA==" },
            "{{The.OtherHost}}": {}
          }
        }
        """;

    private static string Cleaned => $$"""
        {
          "auths": {
            "ghcr.io": { "auth": "a2VlcA==" },
            "{{The.OtherHost}}": {}
          }
        """;

    [Fact]
    public void For_a_host_that_is_set_up_they_go_when_told_and_no_copy_of_them_stays_anywhere()
    {
        _user.HasConfig(Stored);
        Assert.Equal(0, _user.Run("setup", "--yes", "--remove-stale-tokens", The.Host));
        Assert.Equal($"{Cleaned},\n  \"credHelpers\": {{\n    \"{The.Host}\": \"ark\"\n  }}\n}}", _user.ReadConfig());
        Assert.Contains($"@@ auths @@\n-  \"{The.Host}\": (an ECR token)\n", _user.Out, StringComparison.Ordinal);
        AssertNoTokenAnywhere();

        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal($"{Cleaned}\n}}", _user.ReadConfig());
        AssertNoTokenAnywhere();
    }

    [Fact]
    public void Removed_by_a_later_setup_they_go_from_the_earlier_backup_too()
    {
        _user.HasConfig(Stored);
        _user.Run("setup", "--yes", The.Host);
        Assert.Equal(0, _user.Run("setup", "--yes", "--remove-frozen-tokens", The.Host));
        AssertNoTokenAnywhere();
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal($"{Cleaned}\n}}", _user.ReadConfig());
    }

    [Theory]
    [InlineData("y", false)]
    [InlineData("n", true)]
    public void A_person_is_asked(string answer, bool stays)
    {
        _user.HasConfig(Stored);
        _user.CanAsk = true;
        _user.Answers.Enqueue(answer);
        _user.Answers.Enqueue("y");
        Assert.Equal(0, _user.Run("setup", The.Host));
        Assert.Equal(stays, _user.ReadConfig().Contains(_alive, StringComparison.Ordinal));
    }

    [Fact]
    public void A_password_that_is_no_token_of_ECR_is_never_removed()
    {
        string config = $$$$"""{"auths": {"{{{{The.Host}}}}": {"auth": "QVdTOlNFTlRJTkVMLXBhc3N3b3Jk"}}}""";
        _user.HasConfig(config);

        Assert.Equal(0, _user.Run("setup", "--yes", "--remove-stale-tokens", The.Host));

        Assert.Contains("QVdTOlNFTlRJTkVMLXBhc3N3b3Jk", _user.ReadConfig(), StringComparison.Ordinal);
        Assert.Contains($"ark: warning: docker's file holds a password for {The.Host}", _user.Error, StringComparison.Ordinal);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal(config, _user.ReadConfig());
    }

    [Fact]
    public void No_secret_is_shown_by_a_dry_run_even_of_a_file_of_one_line()
    {
        const string secret = "\"" + The.Secret + "\"";
        _user.HasConfig(
            "{\"auths\":{\"" + The.Host + "\":{\"auth\":" + secret + "}},\"credHelpers\":{\"x.example\":{\"n\":" + secret + "}}}");
        Assert.Equal(0, _user.Run("setup", "--dry-run", "--remove-stale-tokens", The.Host));
        Assert.DoesNotContain("SENTINEL", _user.Out + _user.Error, StringComparison.Ordinal);
        Assert.Contains("\"x.example\": (not a name)", _user.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".docker/config.json", "docker", "")]
    [InlineData(".config/containers/auth.json", "podman, skopeo and buildah", "")]
    [InlineData("run/containers/auth.json", "podman, skopeo and buildah", "XDG_RUNTIME_DIR=~/run")]
    [InlineData("own/auth.json", "podman, skopeo and buildah", "REGISTRY_AUTH_FILE=~/own/auth.json")]
    [InlineData("docker/config.json", "docker", "DOCKER_CONFIG=~/docker")]
    [InlineData("helm/registry.json", "helm", "HELM_REGISTRY_CONFIG=~/helm/registry.json")]
    [InlineData("snap/docker/current/.docker/config.json", "docker of snap", "")]
    public void A_token_that_is_over_is_removed_from_every_file_that_a_client_reads(string file, string client, string variable)
    {
        if (variable.Split('=') is [var name, var value])
        {
            _user.Environment[name] = value.Replace("~", _user.Home, StringComparison.Ordinal);
        }

        string path = Write(file, $$"""
            { "auths": { "{{The.Host}}:443": { "auth": "{{_dead}}" }, "https://{{The.Host}}/v1/": {"auth":"{{_dead}}"},
              "{{The.OtherHost}}": { "auth": "{{_alive}}" }, "quay.io": { "auth": "a2VlcA==" } }, "HttpHeaders": {"a": "b"} }
            """);

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens"));

        Assert.Equal(
            $$"""
            { "auths": { "{{The.OtherHost}}": { "auth": "{{_alive}}" }, "quay.io": { "auth": "a2VlcA==" } }, "HttpHeaders": {"a": "b"} }
            """,
            File.ReadAllText(path));
        Assert.Contains(
            $"removed the ECR token for {The.Host}:443, which expired at 2026-01-02T11:00:00Z, from {path} ({client})\n",
            _user.Out,
            StringComparison.Ordinal);
        Assert.Empty(_user.Daemon.Asked);
    }

    [Fact]
    public void The_file_of_dockers_first_years_has_its_logins_at_the_root()
    {
        string path = Write(".dockercfg", $$$"""{"https://{{{The.Host}}}": {"auth": "{{{_dead}}}", "email": "x"}, "quay.io": {"auth": "a2VlcA=="}}""");

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens"));

        Assert.Equal("""{"quay.io": {"auth": "a2VlcA=="}}""", File.ReadAllText(path));
    }

    [Fact]
    public void A_token_in_a_variable_is_told_of_and_a_dry_run_writes_nothing()
    {
        _user.Environment["DOCKER_AUTH_CONFIG"] = $$$$"""{"auths": {"{{{{The.Host}}}}": {"auth": "{{{{_dead}}}}"}}}""";
        _user.HasConfig(Stored);
        string[] before = _user.Everything();

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens", "--dry-run"));

        Assert.Equal(before, _user.Everything());
        Assert.StartsWith($"would remove the ECR token for https://{The.Host}/v2/, which expired at", _user.Out, StringComparison.Ordinal);
        Assert.Contains("ark: hint: unset DOCKER_AUTH_CONFIG\n", _user.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("[]")]
    [InlineData("""{"auths": 5}""")]
    [InlineData("""{"auths": {"h.example": {"auth": "%%%"}}}""")]
    [InlineData("""{"auths": {"h.example": {"auth": "QVdTOiVA"}}}""")]
    [InlineData("""{"auths": {"h.example": {"auth": 7}}}""")]
    public void What_is_no_token_is_left_alone(string content)
    {
        string path = Write(".config/containers/auth.json", content);

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens"));

        Assert.Equal(content, File.ReadAllText(path));
        Assert.Equal("no ECR token that has expired is in any client's file\n", _user.Out);
    }

    [Theory]
    [InlineData("""{"payload":"p","datakey":"d","expiration":1}""", true)]
    [InlineData("""{"payload":"p","datakey":"d","expiration":"1"}""", false)]
    [InlineData("""{"payload":"p","datakey":"d","expiration":-1}""", false)]
    [InlineData("""{"payload":"p","datakey":"d","expiration":99999999999999}""", false)]
    [InlineData("""{"payload":"p","expiration":1}""", false)]
    [InlineData("""[1]""", false)]
    [InlineData("hunter2", false)]
    public void A_token_is_known_by_its_payload_and_its_end(string password, bool isToken)
    {
        string auth = The.Base64($"AWS:{The.Base64(password)}");
        DockerConfig config = DockerConfig.Parse(System.Text.Encoding.UTF8.GetBytes($$$$"""{"auths":{"h":{"auth":"{{{{auth}}}}"}}}"""), "f");

        Assert.Equal(isToken, Assert.Single(config.AllStoredLogins).IsEcrToken);
    }

    private string Write(string file, string content)
    {
        string path = Path.Combine(_user.Home, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    private void AssertNoTokenAnywhere()
    {
        foreach (string file in Directory.EnumerateFiles(_user.Home, "*", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(file);
            Assert.DoesNotContain(_alive, text, StringComparison.Ordinal);
            Assert.DoesNotContain(The.PasswordOf(_dead), text, StringComparison.Ordinal);
        }
    }
}
