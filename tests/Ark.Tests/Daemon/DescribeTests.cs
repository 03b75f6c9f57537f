using System.Text.Json;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Tests.Tokens;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class DescribeTests : IDisposable
{
    private readonly DispatcherFixture _fixture = new() { Configuration = static () => DispatcherFixture.ConfigurationOf() };

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task An_image_is_taken_apart_and_comes_with_its_credentials_and_their_end()
    {
        Reply reply = await _fixture.Ask(Verb.Describe, $"{DispatcherFixture.Configured}/team/app:1.2@sha256:{new string('a', 64)}");

        using var json = JsonDocument.Parse(reply.Stdout);
        JsonElement root = json.RootElement;
        Assert.Equal(DispatcherFixture.Configured, root.GetProperty("host").GetString());
        Assert.Equal("team/app", root.GetProperty("repository").GetString());
        Assert.Equal("1.2", root.GetProperty("tag").GetString());
        Assert.Equal($"sha256:{new string('a', 64)}", root.GetProperty("digest").GetString());
        Assert.Equal("tbd", root.GetProperty("organization").GetString());
        Assert.Equal("AWS", root.GetProperty("username").GetString());
        Assert.False(string.IsNullOrEmpty(root.GetProperty("secret").GetString()));
        Assert.Equal(_fixture.Clock.GetUtcNow().AddHours(12), root.GetProperty("expiresAt").GetDateTimeOffset(), TimeSpan.FromSeconds(1));
        Assert.Equal("", reply.Error());
    }

    [Theory]
    [InlineData("nginx", "library/nginx", null)]
    [InlineData("user/image:2", "user/image", "2")]
    [InlineData("docker.io/user/image", "user/image", null)]
    public async Task What_is_not_ours_is_taken_apart_without_credentials(string image, string repository, string? tag)
    {
        using var json = JsonDocument.Parse((await _fixture.Ask(Verb.Describe, image)).Stdout);

        Assert.Equal("https://index.docker.io/v1/", json.RootElement.GetProperty("host").GetString());
        Assert.Equal(repository, json.RootElement.GetProperty("repository").GetString());
        Assert.Equal(tag, json.RootElement.GetProperty("tag").GetString());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("secret").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://docker.example.com/app")]
    [InlineData("docker.example.com/app:SENTINEL tag")]
    public async Task What_is_no_image_is_refused_without_being_repeated(string image)
    {
        Reply reply = await _fixture.Ask(Verb.Describe, image);

        Assert.Equal(1, reply.ExitCode);
        Assert.Contains("this is no image: ", reply.Error(), StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", reply.Error(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_helper_keeps_is_described_anew_each_time_and_without_an_end()
    {
        _fixture.Configuration = static () => ConfigurationFile.Parse(
            """
            { "organizations": [{ "name": "tbd", "registries": [{ "hosts": ["docker.example.com"],
                "source": { "type": "helper", "helper": "pass", "lifetime": "PT0S" } }] }] }
            """u8.ToArray(),
            "config.json");

        foreach (int calls in (int[])[1, 2])
        {
            using var json = JsonDocument.Parse((await _fixture.Ask(Verb.Describe, $"{DispatcherFixture.Configured}/app")).Stdout);
            Assert.False(string.IsNullOrEmpty(json.RootElement.GetProperty("secret").GetString()));
            Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("expiresAt").ValueKind);
            Assert.Equal(calls, _fixture.Source.Calls);
        }
    }

    [Fact]
    public async Task A_problem_of_ours_is_said_and_not_described()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.AccessDenied);

        Reply reply = await _fixture.Ask(Verb.Describe, $"{DispatcherFixture.Configured}/app");

        Assert.Equal(1, reply.ExitCode);
        Assert.Contains("ark: error: ", reply.Error(), StringComparison.Ordinal);
    }
}
