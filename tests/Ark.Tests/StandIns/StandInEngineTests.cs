using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Ark.Testing;
using Ark.Testing.Aws;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.Tests.StandIns;

public sealed class StandInEngineTests : IAsyncLifetime
{
    private const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

    private readonly ManualClock _clock = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private StandInAws _aws = null!;
    private StandInRegistry _registry = null!;
    private StandInEngine _engine = null!;
    private string _password = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _aws = await StandInAws.StartAsync(_clock);
        _registry = await StandInRegistry.StartAsync(_aws, _clock);
        _engine = await StandInEngine.StartAsync(_registry);
        _registry.Seed($"{Host}/team/app:1");
        _password = _aws.Issue(_aws.AddPrincipal("AKIDTEST", "SENTINEL-secret")).Password;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _engine.DisposeAsync();
        await _registry.DisposeAsync();
        await _aws.DisposeAsync();
    }

    [Fact]
    public async Task A_login_is_what_the_registry_says()
    {
        Assert.Equal((HttpStatusCode.OK, "Login Succeeded"), await LoginAsync(_password, "Status"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await LoginAsync("made up", "message")).Status);
    }

    [Fact]
    public async Task A_pull_reports_the_image_it_found()
    {
        var (status, text) = await PullAsync("1", _password);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains($"Status: Downloaded newer image for {Host}/team/app:1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pull_that_fails_says_so_in_the_engines_words()
    {
        Assert.Contains("no basic auth credentials", (await PullAsync("1", null)).Text, StringComparison.Ordinal);
        Assert.Contains("unauthorized", (await PullAsync("1", "made up")).Text, StringComparison.Ordinal);
        Assert.Contains("manifest unknown: Requested image not found", (await PullAsync("2", _password)).Text, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromHours(12));
        Assert.Contains("denied: Your authorization token has expired.", (await PullAsync("1", _password)).Text, StringComparison.Ordinal);
    }

    private Uri Address(string target) => new UriBuilder(new Uri(_engine.Endpoint, target)) { Scheme = "http" }.Uri;

    private async Task<(HttpStatusCode Status, string? Text)> LoginAsync(string password, string field)
    {
        var body = new JsonObject { ["username"] = "AWS", ["password"] = password, ["serveraddress"] = Host };
        using var response = await _http.PostAsJsonAsync(Address("/v1.47/auth"), body, Cancellation);
        return (response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))![field]);
    }

    private async Task<(HttpStatusCode Status, string Text)> PullAsync(string tag, string? password)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, Address("/v1.47/images/create") + $"?fromImage={Uri.EscapeDataString($"{Host}/team/app")}&tag={tag}");
        if (password is not null)
        {
            var credentials = new JsonObject { ["username"] = "AWS", ["password"] = password };
            request.Headers.Add("X-Registry-Auth", Base64Url.EncodeToString(Encoding.UTF8.GetBytes(credentials.ToJsonString())));
        }

        using var response = await _http.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }
}
