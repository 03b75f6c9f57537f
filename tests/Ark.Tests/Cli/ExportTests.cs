using System.Text;
using System.Text.Json;
using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class ExportTests : IDisposable
{
    private const string Hub = "https://index.docker.io/v1/";

    private readonly SomeUser _user = new();

    public ExportTests() => _user.Daemon.Answer = (_, host) => Answer(host);

    public void Dispose() => _user.Dispose();

    [Fact]
    public void The_docker_configuration_has_each_host_once_with_all_that_programs_look_for()
    {
        Assert.Equal(0, _user.Run("export", "--format", "dockerconfigjson", The.Host, The.Host.ToUpperInvariant(), Hub));
        var auths = Auths(_user.Out);
        Assert.Equal([The.Host, Hub], auths.EnumerateObject().Select(member => member.Name));
        var auth = auths.GetProperty(The.Host);
        Assert.Equal("AWS", auth.GetProperty("username").GetString());
        Assert.Equal($"{The.Password} for {The.Host}", auth.GetProperty("password").GetString());
        Assert.Equal($"AWS:{The.Password} for {The.Host}", Encoding.UTF8.GetString(auth.GetProperty("auth").GetBytesFromBase64()));
        Assert.Equal([(Verb.Describe, The.Host, StartMode.StartIfAbsent), (Verb.Describe, Hub, StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    [Fact]
    public void It_says_when_each_copy_dies()
    {
        _user.Run("export", "--format", "dockerconfigjson", The.Host, Hub);
        Assert.Equal($"""
            ark: note: the copy for {The.Host} is good until 2026-01-02T23:58:00Z, for another 11 h 58 min
            ark: note: the copy for {Hub} says nothing about when it expires

            """.ReplaceLineEndings("\n"), _user.Error);
    }

    [Fact]
    public void A_secret_of_Kubernetes_holds_the_same_configuration_in_base64()
    {
        Assert.Equal(0, _user.Run("export", "--format", "k8s-secret", "--name", "pull", "--namespace", "shop", The.Host));
        var lines = _user.Out.Split('\n');
        Assert.Equal(["apiVersion: v1", "kind: Secret", "metadata:", "  name: \"pull\"", "  namespace: \"shop\"", "type: kubernetes.io/dockerconfigjson", "data:"], lines[..7]);
        const string key = "  .dockerconfigjson: ";
        Assert.StartsWith(key, lines[7], StringComparison.Ordinal);
        Assert.Equal([""], lines[8..]);
        var auths = Auths(Encoding.UTF8.GetString(Convert.FromBase64String(lines[7][key.Length..])));
        Assert.Equal($"{The.Password} for {The.Host}", auths.GetProperty(The.Host).GetProperty("password").GetString());
        Assert.DoesNotContain(The.Password, _user.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_namespace_there_is_none_and_the_name_is_ours()
    {
        Assert.Equal(0, _user.Run("export", "--format", "k8s-secret", The.Host));
        Assert.Contains("metadata:\n  name: \"ark-registry\"\ntype:", _user.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void One_host_that_fails_leaves_nothing_on_standard_output()
    {
        _user.Daemon.Answer = (_, host) => host == The.OtherHost ? FakeDaemon.Says("", "ark: error: expired\n", 1) : Answer(host);
        Assert.Equal(1, _user.Run("export", "--format", "dockerconfigjson", The.Host, The.OtherHost));
        Assert.Equal(("", "ark: error: expired\n"), (_user.Out, _user.Error));
    }

    [Theory]
    [InlineData("--name", "a\nb: c")]
    [InlineData("--name", "Upper")]
    [InlineData("--name", "")]
    [InlineData("--name", "-a")]
    [InlineData("--namespace", "a\"b")]
    public void A_name_that_Kubernetes_would_not_take_is_refused_before_anything_is_asked(string option, string value)
    {
        Assert.Equal(1, _user.Run("export", "--format", "k8s-secret", option, value, The.Host));
        Assert.Equal("", _user.Out);
        Assert.Contains($"of Kubernetes\nark: hint: ", _user.Error, StringComparison.Ordinal);
        Assert.Empty(_user.Daemon.RequestContext);
    }

    private static JsonElement Auths(string json) => JsonElement.Parse(json).GetProperty("auths");

    private static AskResult.Answered Answer(string host) => FakeDaemon.Says(JsonSerializer.Serialize(new
    {
        host,
        username = "AWS",
        secret = $"{The.Password} for {host}",
        expiresAt = host == Hub ? null : "2026-01-02T23:58:00Z",
    }));
}
