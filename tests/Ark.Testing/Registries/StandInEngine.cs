using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Ark.Testing.Registries;

/// <summary>
/// The part of a docker engine that has to do with credentials, for <c>DOCKER_HOST</c>: what <c>docker login</c> with stored
/// credentials and <c>docker pull</c> ask of it. It takes what the client sends to the registry and reports what the registry says,
/// in the engine's words. It runs nothing and keeps no image.
/// </summary>
public sealed class StandInEngine : IAsyncDisposable
{
    private const string ApiVersion = "1.47";

    private readonly HttpClient _registry;
    private LoopbackServer? _server;

    private StandInEngine(StandInRegistry registry) => _registry = registry.CreateClient();

    /// <summary>Such as <c>tcp://127.0.0.1:40123</c>.</summary>
    public Uri Endpoint => new UriBuilder(_server!.Endpoint) { Scheme = "tcp" }.Uri;

    public static async Task<StandInEngine> StartAsync(StandInRegistry registry)
    {
        var engine = new StandInEngine(registry);
        engine._server = await LoopbackServer.StartAsync(engine.HandleAsync);
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _registry.Dispose();
    }

    private Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["Api-Version"] = ApiVersion;
        context.Response.Headers["OSType"] = "linux";
        var path = context.Request.Path.Value!;
        return (context.Request.Method, path[(path.IndexOf('/', 1) + 1)..]) switch
        {
            ("HEAD", "_ping") or ("GET", "_ping") or (_, "") => Task.CompletedTask,
            ("POST", "auth") => LoginAsync(context),
            ("POST", "images/create") => PullAsync(context),
            _ => FailAsync(context, 404, "page not found"),
        };
    }

    private async Task LoginAsync(HttpContext context)
    {
        var asked = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
        var address = new Uri($"https://{asked["serveraddress"]}/v2/");
        using var answer = await AskAsync(address, asked, context.RequestAborted);
        await (answer.IsSuccessStatusCode
            ? WriteAsync(context, 200, new JsonObject { ["IdentityToken"] = "", ["Status"] = "Login Succeeded" })
            : FailAsync(
                context,
                answer.StatusCode == HttpStatusCode.Unauthorized ? 401 : 500,
                $"login attempt to {address} failed with status: {(int)answer.StatusCode} {answer.ReasonPhrase}"));
    }

    private async Task PullAsync(HttpContext context)
    {
        var image = context.Request.Query["fromImage"].ToString();
        var tag = context.Request.Query["tag"].ToString();
        var reference = ImageReference.Parse($"{image}:{tag}");
        var credentials = context.Request.Headers["X-Registry-Auth"].ToString() is { Length: > 0 } header
            ? JsonNode.Parse(WebEncoders.Base64UrlDecode(header.TrimEnd('=')))
            : null;

        var address = new Uri($"https://{reference.Host}/v2/{reference.Repository}/manifests/{tag}");
        using var answer = await AskAsync(address, credentials, context.RequestAborted);
        await (answer.StatusCode switch
        {
            HttpStatusCode.OK => ReportAsync(context, reference, answer.Headers.GetValues("Docker-Content-Digest").Single()),
            HttpStatusCode.Unauthorized when answer.RequestMessage!.Headers.Authorization is null =>
                FailAsync(context, 500, $"Head \"{address}\": no basic auth credentials"),
            HttpStatusCode.Unauthorized => FailAsync(context, 500, $"Head \"{address}\": unauthorized"),
            var status => FailAsync(context, (int)status, await FirstErrorAsync(answer, context.RequestAborted)),
        });
    }

    private async Task<HttpResponseMessage> AskAsync(Uri address, JsonNode? credentials, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if ((string?)credentials?["username"] is { Length: > 0 } user)
        {
            var pair = Encoding.UTF8.GetBytes($"{user}:{credentials["password"]}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(pair));
        }

        return await _registry.SendAsync(request, cancellation);
    }

    private static async Task<string> FirstErrorAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation))!["errors"]![0]!;
        return $"{((string)error["code"]!).ToLowerInvariant().Replace('_', ' ')}: {error["message"]}";
    }

    private static async Task ReportAsync(HttpContext context, ImageReference image, string digest)
    {
        JsonObject[] lines =
        [
            new() { ["status"] = $"Pulling from {image.Repository}", ["id"] = image.Tag },
            new() { ["status"] = $"Digest: {digest}" },
            new() { ["status"] = $"Status: Downloaded newer image for {image.Host}/{image.Repository}:{image.Tag}" },
        ];
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(string.Concat(lines.Select(line => line.ToJsonString() + "\r\n")), context.RequestAborted);
    }

    private static Task FailAsync(HttpContext context, int status, string message) =>
        WriteAsync(context, status, new JsonObject { ["message"] = message });

    private static Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
