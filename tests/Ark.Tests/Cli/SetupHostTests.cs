using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>Which hosts setup registers, and under which key.</summary>
public sealed class SetupHostTests : IDisposable
{
    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("registry")]
    [InlineData("123456789012.d\u212ar.ecr.us-east-1.amazonaws.com")]
    [InlineData("*.dkr.ecr.us-east-1.amazonaws.com")]
    [InlineData("registry.example.com:0")]
    [InlineData("registry.example.com:65536")]
    [InlineData("registry.example.com:")]
    [InlineData("http://registry.example.com")]
    [InlineData("registry..example.com")]
    [InlineData("-registry.example.com")]
    [InlineData("registry.example.com.")]
    [InlineData("régistry.example.com")]
    [InlineData("u:p@registry.example.com")]
    public void What_docker_would_never_look_up_is_refused_by_name(string typed)
    {
        Assert.Equal(1, _user.Run("setup", "--yes", "--host", The.Host, "--host", typed));
        Assert.Contains($"\"{TextSanitizer.Line(typed)}\"", _user.Error, StringComparison.Ordinal);
        Assert.Empty(_user.Everything());
    }

    [Theory]
    [InlineData($"https://{The.Host}")]
    [InlineData($"{The.Host}/")]
    [InlineData($" {The.Host}\n")]
    [InlineData($"{The.Host}/team/app:1.0")]
    [InlineData($"https://{The.Host}/v2/")]
    public void What_people_paste_is_the_host_in_it(string typed)
    {
        Assert.Equal(0, _user.Run("setup", "--yes", typed));
        Assert.Equal($"{{\n\t\"credHelpers\": {{\n\t\t\"{The.Host}\": \"ark\"\n\t}}\n}}", _user.ReadConfig().TrimEnd());
    }

    [Theory]
    [InlineData("docker.io")]
    [InlineData("https://index.docker.io/v1/")]
    public void Docker_Hub_is_registered_by_the_one_key_that_docker_looks_up(string typed)
    {
        Assert.Equal(0, _user.Run("setup", "--yes", typed));
        Assert.Contains("\"https://index.docker.io/v1/\": \"ark\"", _user.ReadConfig(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_ark_does_not_serve_keeps_the_login_that_it_has()
    {
        _user.HasConfig("""{"auths": {"ghcr.io": {"auth": "a2VlcA=="}}}""");
        string[] before = _user.Everything();
        _user.Daemon.Explains = host => new() { Host = host, State = "not-served" };

        Assert.Equal(1, _user.Run("setup", "--yes", "ghcr.io", "--remove-stale-tokens"));

        Assert.StartsWith("ark: error: ark does not serve ghcr.io\n", _user.Error, StringComparison.Ordinal);
        Assert.Equal(before, _user.Everything());
    }

    [Fact]
    public void A_host_that_only_the_fallback_helper_knows_may_be_registered()
    {
        _user.Daemon.Explains = host => new() { Host = host, State = "not-served", FallbackHelper = "pass" };

        Assert.Equal(0, _user.Run("setup", "--yes", "ghcr.io"));
    }

    [Fact]
    public void A_host_of_several_organizations_is_not_registered_until_one_is_chosen()
    {
        _user.Daemon.Explains = host => new() { Host = host, State = "ambiguous", Candidates = ["acme", "beta"] };

        Assert.Equal(1, _user.Run("setup", "--yes", The.Host));

        Assert.Equal(
            $"ark: error: several organizations are configured for {The.Host}, and nothing chooses between them: acme, beta\n"
                + $"ark: hint: name one: ark setup --host {The.Host} --organization acme, or choose one for every such host: ark use acme\n",
            _user.Error);
        Assert.Empty(_user.Everything());
    }
}
