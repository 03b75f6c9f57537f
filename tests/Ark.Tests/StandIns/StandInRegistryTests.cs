using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Ark.Testing;
using Ark.Testing.Aws;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.Tests.StandIns;

public sealed class StandInRegistryTests : IAsyncLifetime
{
    private const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

    private readonly ManualClock _clock = new();
    private StandInAws _aws = null!;
    private StandInRegistry _registry = null!;
    private HttpClient _http = null!;
    private Principal _caller = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _aws = await StandInAws.StartAsync(_clock);
        _caller = _aws.AddPrincipal("AKIDTEST", "SENTINEL-secret");
        _registry = await StandInRegistry.StartAsync(_aws, _clock);
        _http = _registry.CreateClient();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _registry.DisposeAsync();
        await _aws.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_and_somebody_unknown_are_challenged_as_ECR_does()
    {
        foreach (var password in (string?[])[null, "made up"])
        {
            using var response = await SendAsync(HttpMethod.Get, "/v2/", password);

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal(
                $"Basic realm=\"https://{Host}/\",service=\"ecr.amazonaws.com\"",
                response.Headers.NonValidated["WWW-Authenticate"].ToString());
            Assert.Equal("registry/2.0", response.Headers.GetValues("Docker-Distribution-Api-Version").Single());
        }

        Assert.Equal((1, 1), (_registry.Count(AuthOutcome.Anonymous), _registry.Count(AuthOutcome.Unknown)));
    }

    [Fact]
    public async Task A_token_opens_until_the_second_it_expires()
    {
        var token = _aws.Issue(_caller);

        _clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromTicks(1));
        using var last = await SendAsync(HttpMethod.Get, "/v2/", token.Password);
        _clock.Advance(TimeSpan.FromTicks(1));
        using var late = await SendAsync(HttpMethod.Get, "/v2/", token.Password);

        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
        Assert.Equal(("DENIED", "Your authorization token has expired. Reauthenticate and try again."), await ErrorAsync(late));
    }

    [Fact]
    public async Task A_token_is_good_in_its_region_and_for_accounts_that_share()
    {
        var foreign = _aws.AddPrincipal("AKIDOTHER", "s", account: "210987654321", name: "other");

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_aws.Issue(_caller, "eu-west-1").Password));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_aws.Issue(foreign).Password));
        _registry.Share("123456789012", "210987654321");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_aws.Issue(foreign).Password));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_aws.Issue(_caller, service: "ecr-public").Password));
    }

    [Fact]
    public async Task A_seeded_image_can_be_pulled_and_all_its_digests_are_right()
    {
        var digest = _registry.Seed($"{Host}/team/app:1");
        var password = _aws.Issue(_caller).Password;

        using var head = await SendAsync(HttpMethod.Head, "/v2/team/app/manifests/1", password);
        var content = await BytesAsync($"/v2/team/app/manifests/{digest}", password);
        Assert.Equal(digest, head.Headers.GetValues("Docker-Content-Digest").Single());
        Assert.Equal(content.Length, head.Content.Headers.ContentLength);
        Assert.Equal(digest, Digest(content));

        var manifest = JsonNode.Parse(content)!;
        foreach (var part in (JsonNode[])[manifest["config"]!, .. manifest["layers"]!.AsArray().Select(layer => layer!)])
        {
            var blob = await BytesAsync($"/v2/team/app/blobs/{part["digest"]}", password);
            Assert.Equal((string)part["digest"]!, Digest(blob));
            Assert.Equal((int)part["size"]!, blob.Length);
        }

        var tags = JsonNode.Parse(await BytesAsync("/v2/team/app/tags/list", password))!["tags"]!.AsArray();
        Assert.Equal(["1"], tags.Select(tag => (string)tag!));
    }

    [Fact]
    public async Task What_is_not_there_is_unknown_by_name_tag_and_digest()
    {
        _registry.Seed($"{Host}/team/app:1");
        var password = _aws.Issue(_caller).Password;

        Assert.Equal("NAME_UNKNOWN", await CodeAsync("/v2/team/none/manifests/1", password));
        Assert.Equal("MANIFEST_UNKNOWN", await CodeAsync("/v2/team/app/manifests/2", password));
        Assert.Equal("BLOB_UNKNOWN", await CodeAsync("/v2/team/app/blobs/sha256:00", password));
    }

    [Fact]
    public async Task The_same_name_under_another_host_is_another_repository()
    {
        _registry.Seed("docker.example.com/team/app:1");

        Assert.Equal("NAME_UNKNOWN", await CodeAsync("/v2/team/app/manifests/1", _aws.Issue(_caller).Password));
    }

    [Fact]
    public async Task An_image_can_be_pushed_in_pieces_at_once_and_after_a_mount_was_not_possible()
    {
        _registry.CreateRepository(Host, "team/new");
        var password = _aws.Issue(_caller).Password;
        byte[] blob = [1, 2, 3, 4];
        var uploads = "/v2/team/new/blobs/uploads/";

        using var opened = await SendAsync(HttpMethod.Post, $"{uploads}?mount={Digest(blob)}&from=team/app", password);
        Assert.Equal(HttpStatusCode.Accepted, opened.StatusCode);
        var location = opened.Headers.Location!.ToString();
        using var first = await SendAsync(HttpMethod.Patch, location, password, blob[..2]);
        Assert.Equal("0-1", first.Headers.GetValues("Range").Single());
        using var closed = await SendAsync(HttpMethod.Put, $"{location}?digest={Digest(blob)}", password, blob[2..]);
        Assert.Equal(HttpStatusCode.Created, closed.StatusCode);
        Assert.Equal(blob, await BytesAsync($"/v2/team/new/blobs/{Digest(blob)}", password));

        byte[] whole = [5];
        using var atOnce = await SendAsync(HttpMethod.Post, $"{uploads}?digest={Digest(whole)}", password, whole);
        Assert.Equal(HttpStatusCode.Created, atOnce.StatusCode);
        using var wrong = await SendAsync(HttpMethod.Post, $"{uploads}?digest={Digest(blob)}", password, whole);
        Assert.Equal("DIGEST_INVALID", (await ErrorAsync(wrong)).Code);

        using var tagged = await SendAsync(HttpMethod.Put, "/v2/team/new/manifests/1", password, "{}"u8.ToArray());
        Assert.Equal(HttpStatusCode.Created, tagged.StatusCode);
        Assert.Equal("{}"u8.ToArray(), await BytesAsync("/v2/team/new/manifests/1", password));
    }

    [Fact]
    public async Task Without_https_it_is_the_same_registry()
    {
        await using var plain = await StandInRegistry.StartAsync(_aws, _clock, https: false);
        using var http = plain.CreateClient();

        using var response = await http.GetAsync(new Uri(plain.Endpoint, "/v2/"), Cancellation);

        Assert.Equal((Uri.UriSchemeHttp, HttpStatusCode.Unauthorized), (plain.Endpoint.Scheme, response.StatusCode));
    }

    [Fact]
    public async Task Its_certificates_are_trusted_by_its_own_authority_only()
    {
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync(_registry.Endpoint, Cancellation));
    }

    private static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static async Task<(string Code, string Message)> ErrorAsync(HttpResponseMessage response)
    {
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["errors"]!.AsArray().Single()!;
        return ((string)error["code"]!, (string)error["message"]!);
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, string? password, byte[]? body = null)
    {
        var request = new HttpRequestMessage(method, $"https://{Host}{target}");
        if (password is not null)
        {
            request.Headers.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("AWS:" + password)));
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
        }

        return _http.SendAsync(request, Cancellation);
    }

    private async Task<HttpStatusCode> StatusAsync(string password)
    {
        using var response = await SendAsync(HttpMethod.Get, "/v2/", password);
        return response.StatusCode;
    }

    private async Task<byte[]> BytesAsync(string target, string password)
    {
        using var response = await SendAsync(HttpMethod.Get, target, password);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(Cancellation);
    }

    private async Task<string> CodeAsync(string target, string password)
    {
        using var response = await SendAsync(HttpMethod.Get, target, password);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        return (await ErrorAsync(response)).Code;
    }
}
