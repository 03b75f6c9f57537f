using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>Which hosts setup registers, and under which key.</summary>
public sealed class SetupHostTests : IDisposable
{
    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public void Hosts_of_the_map_are_registered_when_none_is_named_but_never_docker_hub()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says($"{The.Host}\nhttps://index.docker.io/v1/\ndocker.io\nregistry.example.com:5000\n");
        Assert.Equal(0, _user.Run("setup", "--yes"));
        Assert.Equal([(Verb.Hosts, "", StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
        Assert.Equal(
            $"{{\n\t\"credHelpers\": {{\n\t\t\"{The.Host}\": \"ark\",\n\t\t\"registry.example.com:5000\": \"ark\"\n\t}}\n}}\n", _user.ReadConfig());
    }

    [Fact]
    public void A_map_without_hosts_is_told_from_a_daemon_in_trouble()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("");
        Assert.Equal(1, _user.Run("setup", "--yes"));
        Assert.StartsWith("ark: error: no host was named and the configuration binds none\n", _user.Error, StringComparison.Ordinal);

        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("", "ark: error: the configuration is broken\n", 1);
        Assert.Equal(1, _user.Run("setup", "--yes"));
        Assert.StartsWith("ark: error: the configuration is broken\nark: error: the hosts of the configuration could not be had\n", _user.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("localhost:5000", "localhost:5000")]
    [InlineData("registry:5000", "registry:5000")]
    [InlineData("123456789012.DKR.ecr.us-east-1.amazonaws.com", The.Host)]
    [InlineData("https://index.docker.io/v1/", "https://index.docker.io/v1/")]
    public void A_host_becomes_the_key_that_docker_looks_up(string typed, string key)
    {
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", typed));
        Assert.Contains($"\"{key}\": \"ark\"", _user.ReadConfig(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("registry")]
    [InlineData("https://registry.example.com")]
    [InlineData("123456789012.d\u212ar.ecr.us-east-1.amazonaws.com")]
    [InlineData("registry.example.com/app")]
    [InlineData("*.dkr.ecr.us-east-1.amazonaws.com")]
    [InlineData("registry.example.com:0")]
    [InlineData("registry.example.com:65536")]
    [InlineData("registry.example.com:")]
    [InlineData("registry..example.com")]
    [InlineData("-registry.example.com")]
    [InlineData("registry.example.com.")]
    [InlineData("régistry.example.com")]
    [InlineData("u:p@registry.example.com")]
    [InlineData("registry.example.com\n")]
    [InlineData("docker.io")]
    public void What_docker_would_never_look_up_is_refused_by_name(string typed)
    {
        Assert.Equal(1, _user.Run("setup", "--yes", "--host", The.Host, "--host", typed));
        Assert.Contains($"\"{TextSanitizer.Line(typed)}\"", _user.Error, StringComparison.Ordinal);
        Assert.Empty(_user.Everything());
    }
}
