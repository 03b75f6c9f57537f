using System.Runtime.Versioning;
using Ark.Cli.Clients;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Tests.Wire;
using Ark.Wire;
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

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void With_a_host_they_go_from_the_files_of_all_clients_and_nothing_is_left_to_warn_of(string client)
    {
        string shadow = Path.Combine(_user.Environment["XDG_RUNTIME_DIR"], "containers", "auth.json");
        Directory.CreateDirectory(Path.GetDirectoryName(shadow)!);
        File.WriteAllText(shadow, Stored);
        Assert.Equal(0, _user.Run("setup", "--yes", "--for", client, "--remove-stale-tokens", The.Host));
        Assert.Equal($"{Cleaned}\n}}", File.ReadAllText(shadow));
        Assert.DoesNotContain("never ask ark", _user.Error, StringComparison.Ordinal);
        Assert.Contains($"removed the ECR token for {The.Host}, which expires at ", _user.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_says_no_to_setup_keeps_every_token()
    {
        string shadow = Path.Combine(_user.Environment["XDG_RUNTIME_DIR"], "containers", "auth.json");
        Directory.CreateDirectory(Path.GetDirectoryName(shadow)!);
        File.WriteAllText(shadow, Stored);
        _user.CanAsk = true;
        _user.Answers.Enqueue("n");
        Assert.Equal(1, _user.Run("setup", "--remove-stale-tokens", The.Host));
        Assert.Equal(Stored, File.ReadAllText(shadow));
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

    /// <summary>Which of them counts depends on the client, and one may be somebody's only copy of a password.</summary>
    [Theory]
    [InlineData("""{"auths": {"h": {"auth": "DEAD"}, "h": {"auth": "cGVyc29uOlNFTlRJTkVM"}}}""")]
    [InlineData("""{"auths": {"h": {"auth": "cGVyc29uOlNFTlRJTkVM"}, "h": {"auth": "DEAD"}}}""")]
    [InlineData("""{"auths": {"h": {"auth": "DEAD", "identitytoken": "SENTINEL"}}}""")]
    [InlineData("""{"auths": {"h": {"auth": "DEAD", "registrytoken": "SENTINEL"}}}""")]
    [InlineData("""{"auths": {"h": {"auth": "DEAD", "AUTH": "cGVyc29uOlNFTlRJTkVM"}}}""")]
    [InlineData("""{"auths": {"h": {"username": "AWS", "password": "SENTINEL", "auth": "DEAD"}}}""")]
    [InlineData("""{"auths": {"h": {"username": "person", "password": "PASSWORD"}}}""")]
    [InlineData("""{"auths": {"h": {"auth": "DEAD"}, "h": {"auth": "ALIVE"}}}""")]
    [InlineData("""{"auths": {"h": {"auth": "DEAD"}}, "auths": {"g": {"auth": "cGVyc29uOlNFTlRJTkVM"}}}""")]
    public void A_token_beside_another_login_of_the_same_name_stays(string content)
    {
        string file = Filled(content);
        string path = Write(".config/containers/auth.json", file);

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens"));

        Assert.Equal(file, File.ReadAllText(path));
        Assert.DoesNotContain("SENTINEL", _user.Out + _user.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"auths": {"h": {"auth": "DEAD"}, "h": {"auth": "DEAD"}, "g": {}}}""")]
    [InlineData("""{"auths": {"h": {"identitytoken": "PASSWORD"}, "g": {}}}""")]
    [InlineData("""{"auths": {"h": {"username": "AWS", "password": "PASSWORD", "auth": "DEAD", "email": "x@y"}, "g": {}}}""")]
    [InlineData("""{"auths": {"h": {"auth": "PADDED"}, "g": {}}}""")]
    [InlineData("""{"auths": {"h.": {"auth": "DEAD"}, "g": {}}}""")]
    [InlineData("""{"auths": {"https://h/v2/": {"auth": "DEAD"}, "h/path": {"auth": "DEAD"}, "http://h": {"auth": "DEAD"}, "g": {}}}""")]
    [InlineData("""{"AUTHS": {"h": {"Auth": "DEAD"}, "g": {}}}""")]
    public void A_token_is_found_in_every_form(string content)
    {
        string path = Write(".config/containers/auth.json", Filled(content));

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens"));

        Assert.Matches(@"^\{""(auths|AUTHS)"": \{""g"": \{\}\}\}$", File.ReadAllText(path));
        Assert.DoesNotContain("SENTINEL", _user.Out + _user.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("h.example", "h.example")]
    [InlineData("H.example:443", "h.example")]
    [InlineData("h.example.", "h.example")]
    [InlineData("https://h.example", "h.example")]
    [InlineData("https://h.example:443/v1/", "h.example")]
    [InlineData("h.example/team/app", "h.example")]
    [InlineData("h.example:5000", "h.example:5000")]
    [InlineData(".", ".")]
    [InlineData("", "")]
    public void A_registry_is_known_under_every_spelling(string key, string host)
    {
        string content = Filled("""{"auths": {"KEY": {"auth": "DEAD"}}}""");
        Write(".config/containers/auth.json", content.Replace("KEY", key, StringComparison.Ordinal));

        FoundToken token = Assert.Single(Find());

        Assert.Equal((host, key, true, "podman, skopeo and buildah"), (token.Host, token.Key, token.IsDead, token.Client));
    }

    /// <summary>Where the helper is registered, and whether the token is used all the same.</summary>
    [Theory]
    [InlineData(".config/containers/auth.json", "h", ".docker/config.json", """{"credHelpers": {"h": "ark"}}""", true)]
    [InlineData(".config/containers/auth.json", "h", ".config/containers/auth.json", """{"credHelpers": {"h": "ark"}}""", false)]
    [InlineData(".config/containers/auth.json", "h:443", ".config/containers/auth.json", """{"credHelpers": {"h": "ark"}}""", true)]
    [InlineData(".config/containers/auth.json", "https://h/v1/", "run/containers/auth.json", """{"credHelpers": {"h": "ark"}}""", false)]
    [InlineData(".config/containers/auth.json", "h", ".config/containers/auth.json", """{"credsStore": "ark"}""", true)]
    [InlineData(".config/helm/registry/config.json", "h", ".docker/config.json", """{"credHelpers": {"h": "ark"}}""", true)]
    [InlineData(".config/helm/registry/config.json", "h", ".config/helm/registry/config.json", """{"credsStore": "ark"}""", false)]
    [InlineData(".docker/config.json", "h", ".docker/config.json", """{"credHelpers": {"h": "ark"}}""", false)]
    [InlineData(".dockercfg", "h", ".docker/config.json", """{"credHelpers": {"h": "ark"}}""", false)]
    [InlineData(".dockercfg", "h", ".docker/config.json", """{}""", true)]
    public void A_token_shadows_the_helper_where_a_client_meets_it_first(
        string file, string key, string helped, string helper, bool shadows)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the paths of Linux");
        _user.Environment["XDG_RUNTIME_DIR"] = Path.Combine(_user.Home, "run");
        string login = $$$"""{"{{{key}}}": {"auth": "{{{_dead}}}"}}""";
        string token = file == ".dockercfg" ? login : "{\"auths\": " + login + "}";
        Write(helped, helper);
        Write(file, file == helped ? $"{token[..^1]}, {helper[1..]}" : token);

        Assert.Equal(shadows, Assert.Single(Find()).Shadows);
    }

    [Fact]
    public void A_login_that_was_made_meanwhile_stays()
    {
        string path = Write(".config/containers/auth.json", Filled("""{"auths": {"h": {"auth": "DEAD"}, "g": {"auth": "DEAD"}}}"""));
        IReadOnlyList<FoundToken> found = Find();
        string renewed = Filled("""{"auths": {"h": {"auth": "ALIVE"}, "g": {"auth": "DEAD"}}}""");
        File.WriteAllText(path, renewed);

        IReadOnlyList<TokenRemoval> removals = StaleTokens.Remove(found);

        Assert.Equal(["g"], removals.Select(removal => removal.Token.Key));
        Assert.Equal(Filled("""{"auths": {"h": {"auth": "ALIVE"}}}"""), File.ReadAllText(path));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void One_file_that_cannot_be_changed_keeps_no_other_from_it_and_is_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes as Unix has them");
        string stays = Write(".config/helm/registry/config.json", Filled("""{"auths": {"h": {"auth": "DEAD"}}}"""));
        string before = File.ReadAllText(stays);
        string goes = Write(".docker/config.json", Filled("""{"auths": {"h": {"auth": "DEAD"}}}"""));
        File.SetUnixFileMode(goes, (UnixFileMode)0x1A4 /* 0644 */);
        IReadOnlyList<FoundToken> found = Find();
        File.WriteAllText(stays, "{");

        IReadOnlyList<TokenRemoval> removals = StaleTokens.Remove(found);

        Assert.Equal([(goes, false), (stays, true)], removals.Select(removal => (removal.Token.File.Name, removal.Problem is not null)));
        Assert.Equal("""{"auths": {}}""", File.ReadAllText(goes));
        Assert.Equal((UnixFileMode)0x1A4, File.GetUnixFileMode(goes));
        Assert.NotEqual(before, File.ReadAllText(stays));
        Assert.Equal([goes], Directory.GetFiles(Path.GetDirectoryName(goes)!));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_file_that_root_cleans_stays_its_owners()
    {
        Assert.SkipUnless(SomeDirectory.CanChangeOwners, "needs root");
        using var some = new SomeDirectory();
        string path = _user.Environment["REGISTRY_AUTH_FILE"] = some.MakeForeignFile("auth.json");
        File.WriteAllText(path, Filled("""{"auths": {"h": {"auth": "DEAD"}}}"""));

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens"));

        Assert.Equal("""{"auths": {}}""", File.ReadAllText(path));
        Assert.Equal(SomeDirectory.Nobody, FileIdentity.OfPath(path)!.Value.Owner);
    }

    [Fact]
    public void A_link_stays_a_link_and_one_that_leads_nowhere_is_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links as Unix has them");
        string target = Write("dotfiles/auth.json", Filled("""{"auths": {"h": {"auth": "DEAD"}}}"""));
        Directory.CreateDirectory(Path.Combine(_user.Home, ".config/containers"));
        string link = File.CreateSymbolicLink(Path.Combine(_user.Home, ".config/containers/auth.json"), target).FullName;
        Directory.CreateDirectory(Path.Combine(_user.Home, ".docker"));
        File.CreateSymbolicLink(_user.Config, "/nowhere/config.json");

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens"));

        Assert.Equal(target, new FileInfo(link).LinkTarget);
        Assert.Equal("""{"auths": {}}""", File.ReadAllText(target));
        Assert.Equal("/nowhere/config.json", new FileInfo(_user.Config).LinkTarget);
    }

    [Fact]
    public void Files_that_are_not_ordinary_too_long_or_not_UTF_8_are_passed_over()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "FIFOs as Unix has them");
        Directory.CreateDirectory(Path.Combine(_user.Home, ".docker"));
        using (var make = System.Diagnostics.Process.Start("mkfifo", [_user.Config]))
        {
            make.WaitForExit();
        }

        Directory.CreateDirectory(Path.Combine(_user.Home, ".config/helm/registry/config.json"));
        string old = Write(".dockercfg", "");
        using (var huge = new FileStream(old, FileMode.Create))
        {
            huge.SetLength(1L << 30);
        }

        string broken = Path.Combine(_user.Home, ".config/containers/auth.json");
        Directory.CreateDirectory(Path.GetDirectoryName(broken)!);
        byte[] bytes = [.. "{\"auths\": {\"x\": {\"auth\": \""u8, 0xFF, 0xFE, .. "\"}, \"h\": {\"auth\": \""u8,
            .. System.Text.Encoding.ASCII.GetBytes(_dead), .. "\"}}}"u8];
        File.WriteAllBytes(broken, bytes);

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens"));

        Assert.DoesNotContain(_dead, File.ReadAllText(broken), StringComparison.Ordinal);
        Assert.Contains((byte)0xFE, File.ReadAllBytes(broken));
        Assert.Equal(1L << 30, new FileInfo(old).Length);
    }

    [Fact]
    public void A_key_that_would_move_the_cursor_is_made_safe()
    {
        Write(".config/containers/auth.json", Filled("""{"auths": {"h\u001b[2J\u202E": {"auth": "DEAD"}}}"""));

        Assert.Equal(0, _user.Run("setup", "--remove-stale-tokens"));

        Assert.DoesNotContain('\u001b', _user.Out);
        Assert.DoesNotContain('\u202E', _user.Out);
    }

    private IReadOnlyList<FoundToken> Find() =>
        StaleTokens.Find(new UserPaths(name => _user.Environment.GetValueOrDefault(name)), _user.Clock.GetUtcNow());

    private string Filled(string content)
    {
        string pair = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(_dead));
        return content.Replace("DEAD", _dead, StringComparison.Ordinal).Replace("ALIVE", _alive, StringComparison.Ordinal)
            .Replace("PASSWORD", The.PasswordOf(_dead), StringComparison.Ordinal)
            .Replace("PADDED", The.Base64($"{pair}\0\0"), StringComparison.Ordinal);
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
