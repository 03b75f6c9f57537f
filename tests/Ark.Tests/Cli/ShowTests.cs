using System.Diagnostics;
using System.Text.Json;
using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class ShowTests : IDisposable
{
    private const string Image = $"{The.Host}/prod/acme/app:1.0";
    private const string GoodUntil = "ark: note: the password is good until 2026-01-02T23:58:00Z, for another 11 h 58 min\n";

    private readonly SomeUser _user = new();

    public ShowTests() => Describes();

    public void Dispose() => _user.Dispose();

    [Fact]
    public void The_table_is_for_people_and_has_no_password()
    {
        Assert.Equal(0, _user.Run("show", Image));
        Assert.Equal($"""
            registry      {The.Host}
            repository    prod/acme/app
            tag           1.0
            digest        -
            organization  acme
            prefix        prod/acme
            username      AWS
            password      not shown; ark token prints it
            good until    2026-01-02T23:58:00Z (11 h 58 min)

            """.ReplaceLineEndings("\n"), _user.Out);
        Assert.Equal("", _user.Error);
        Assert.Equal([(Verb.Describe, Image, StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    [Fact]
    public void Kura_gets_its_fields_and_the_time_of_death_goes_to_the_error_stream()
    {
        Assert.Equal(0, _user.Run("show", Image, "--format", "kura"));
        Assert.Equal($"""
            registry.hostname={The.Host}/prod/acme/
            registry.username=AWS
            registry.password={The.Password}
            container.image={The.Host}/prod/acme/app
            container.image.tag=1.0

            """.ReplaceLineEndings("\n"), _user.Out);
        Assert.Equal(GoodUntil, _user.Error);
    }

    [Theory]
    [InlineData("app", null, "HOST/", "HOST/app", "latest")]
    [InlineData("a/b/c", "2", "HOST/a/b/", "HOST/a/b/c", "2")]
    public void Kura_gets_the_folder_of_the_image_as_part_of_the_registry(string repository, string? tag, string registry, string image, string expectedTag)
    {
        Describes(repository: repository, tag: tag);
        Assert.Equal(0, _user.Run("show", Image, "--format", "kura"));
        Assert.Contains($"registry.hostname={registry.Replace("HOST", The.Host)}\n", _user.Out, StringComparison.Ordinal);
        Assert.Contains($"container.image={image.Replace("HOST", The.Host)}\ncontainer.image.tag={expectedTag}\n", _user.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker.io")]
    [InlineData("index.docker.io")]
    [InlineData("https://index.docker.io/v1/")]
    public void Docker_Hub_has_an_empty_URL_in_Kura_and_its_images_no_host(string host)
    {
        Describes(host, "me/app");
        Assert.Equal(0, _user.Run("show", "me/app:1.0", "--format", "kura"));
        Assert.StartsWith("registry.hostname=\nregistry.username=AWS\n", _user.Out, StringComparison.Ordinal);
        Assert.Contains("container.image=me/app\n", _user.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app", "sha256:00")]
    [InlineData(null, null)]
    public void Kura_cannot_have_a_digest_nor_a_registry_alone(string? repository, string? digest)
    {
        Describes(repository: repository, tag: null, digest: digest);
        Assert.Equal(1, _user.Run("show", Image, "--format", "kura"));
        Assert.Equal("", _user.Out);
        Assert.Matches("^ark: error: .*\nark: hint: name the image ", _user.Error);
    }

    [Fact]
    public void Palette_gets_endpoint_and_base_content_path_and_no_password()
    {
        Assert.Equal(0, _user.Run("show", Image, "--format", "palette"));
        Assert.Equal(($"endpoint={The.Host}\nbaseContentPath=prod/acme\nproviderType=pack\n", ""), (_user.Out, _user.Error));
    }

    [Fact]
    public void A_format_that_is_none_is_told_with_those_that_are()
    {
        Assert.Equal(1, _user.Run("show", Image, "--format", "xml"));
        Assert.Contains("'table' 'kura' 'palette' 'json' 'env'\nark: hint: ark show --help\n", _user.Error, StringComparison.Ordinal);
        Assert.Empty(_user.Daemon.RequestContext);
    }

    [Fact]
    public void JSON_has_everything()
    {
        Assert.Equal(0, _user.Run("show", Image, "--format", "json"));
        using var json = JsonDocument.Parse(_user.Out);
        Assert.Equal(
            ["host", "repository", "tag", "digest", "organization", "repositoryPrefix", "username", "secret", "expiresAt"],
            json.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal(The.Password, json.RootElement.GetProperty("secret").GetString());
        Assert.Equal(GoodUntil, _user.Error);
    }

    [Fact]
    public void Variables_are_lines_for_a_shell()
    {
        Assert.Equal(0, _user.Run("show", Image, "--format", "env"));
        Assert.Equal($"""
            ARK_REGISTRY={The.Host}
            ARK_REPOSITORY=prod/acme/app
            ARK_TAG=1.0
            ARK_DIGEST=
            ARK_USERNAME=AWS
            ARK_PASSWORD={The.Password}
            ARK_EXPIRES_AT=2026-01-02T23:58:00Z

            """.ReplaceLineEndings("\n"), _user.Out);
        Assert.Equal(GoodUntil, _user.Error);
    }

    [Fact]
    public async Task A_shell_reads_back_whatever_a_password_is_made_of()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs sh");
        const string secret = "SENTINEL $(touch x) `id` 'one' \"two\" \\ * ~ ; & é";
        Describes(secret: secret);
        Assert.Equal(0, _user.Run("show", Image, "--format", "env"));

        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var shell = Process.Start(start)!;
        await shell.StandardInput.WriteAsync($"{_user.Out}printf %s \"$ARK_PASSWORD\"\n");
        shell.StandardInput.Close();
        Assert.Equal(secret, await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("kura", "registry.password")]
    [InlineData("env", "ARK_PASSWORD")]
    public void A_password_with_a_line_break_does_not_become_another_field(string format, string field)
    {
        Describes(secret: $"{The.Password}\nLD_PRELOAD=evil");
        Assert.Equal(1, _user.Run("show", Image, "--format", format));
        Assert.Equal("", _user.Out);
        Assert.StartsWith($"ark: error: {field} has a line break", _user.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(The.Password, _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_nobody_serves_has_its_parts_and_no_credentials()
    {
        DescribesHub();
        Assert.Equal(0, _user.Run("show", "me/app:1.0"));
        Assert.Equal("""
            registry      index.docker.io
            repository    me/app
            tag           1.0
            digest        -
            organization  -
            prefix        -
            username      none
            password      none
            good until    -

            """.ReplaceLineEndings("\n"), _user.Out);
        Assert.Equal("", _user.Error);
    }

    [Theory]
    [InlineData("kura", "registry.hostname=\nregistry.username=\nregistry.password=\ncontainer.image=me/app\ncontainer.image.tag=1.0\n")]
    [InlineData("env", "ARK_REGISTRY=index.docker.io\nARK_REPOSITORY=me/app\nARK_TAG=1.0\nARK_DIGEST=\nARK_USERNAME=\nARK_PASSWORD=\nARK_EXPIRES_AT=\n")]
    [InlineData("json", """{"host":"https://index.docker.io/v1/","repository":"me/app","tag":"1.0","digest":null,"organization":null,"repositoryPrefix":null,"username":null,"secret":null,"expiresAt":null}""" + "\n")]
    public void What_would_hold_the_password_holds_none_then_and_says_so(string format, string expected)
    {
        DescribesHub();
        Assert.Equal(0, _user.Run("show", "me/app:1.0", "--format", format));
        Assert.Equal((expected, "ark: note: ark has no password for https://index.docker.io/v1/\n"), (_user.Out, _user.Error));
    }

    [Theory]
    [InlineData("export", "--format", "k8s-secret", "ghcr.io")]
    [InlineData("token", "--json", "ghcr.io")]
    [InlineData("token", "--verbose", "ghcr.io")]
    public void Where_a_password_is_needed_a_registry_that_nobody_serves_is_told_apart_from_one_that_fails(params string[] arguments)
    {
        Describes("ghcr.io", username: null, secret: null, organization: null);
        Assert.Equal(1, _user.Run(arguments));
        Assert.Equal("", _user.Out);
        Assert.Equal("""
            ark: error: ghcr.io is not a registry that ark serves
            ark: hint: name an ECR registry, or bind this one to an organization in the configuration

            """.ReplaceLineEndings("\n"), _user.Error);

        Describes("ghcr.io", username: null, secret: null);
        Assert.Equal(1, _user.Run(arguments));
        Assert.Equal(("", "ark: error: organization acme has no credentials for ghcr.io yet\nark: hint: docker login ghcr.io\n"), (_user.Out, _user.Error));

        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("expired\n", "ark: error: expired\nark: hint: log in\n", 1);
        Assert.Equal(1, _user.Run(arguments));
        Assert.Equal(("", "ark: error: expired\nark: hint: log in\n"), (_user.Out, _user.Error));
    }

    private void DescribesHub() => Describes("https://index.docker.io/v1/", "me/app", username: null, secret: null, organization: null);

    private void Describes(
        string host = The.Host,
        string? repository = "prod/acme/app",
        string? tag = "1.0",
        string? digest = null,
        string? username = "AWS",
        string? secret = The.Password,
        string? organization = "acme") =>
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(JsonSerializer.Serialize(new
        {
            host,
            repository,
            tag,
            digest,
            organization,
            repositoryPrefix = organization is null ? null : "prod/acme",
            username,
            secret,
            expiresAt = secret is null ? null : "2026-01-02T23:58:00Z",
        }));
}
