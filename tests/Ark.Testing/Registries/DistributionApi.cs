using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Ark.Testing.Registries;

/// <summary>The distribution API (v2) over one registry's repositories, once the caller has been let in.</summary>
internal sealed class DistributionApi(Func<string, string, Repository?> find)
{
    public async Task AnswerAsync(HttpContext context, string host)
    {
        var path = context.Request.Path.Value!;
        if (path is "/v2/" or "/v2")
        {
            return;
        }

        if (Route.Parse(path) is not { } route)
        {
            await ErrorAsync(context, 404, "UNSUPPORTED", "The operation is unsupported.");
            return;
        }

        if (find(host, route.Repository) is not { } repository)
        {
            await ErrorAsync(
                context,
                404,
                "NAME_UNKNOWN",
                $"The repository with name '{route.Repository}' does not exist in the registry with id '{host.Split('.')[0]}'");
            return;
        }

        var read = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        await (route.Kind switch
        {
            "tags" when read => TagsAsync(context, route, repository),
            "manifests" when read => GetManifestAsync(context, route, repository),
            "manifests" when HttpMethods.IsPut(context.Request.Method) => PutManifestAsync(context, route, repository),
            "blobs" when read => GetBlobAsync(context, route, repository),
            "uploads" => new UploadApi(route, repository).AnswerAsync(context),
            _ => ErrorAsync(context, 405, "UNSUPPORTED", "The operation is unsupported."),
        });
    }

    public static Task ErrorAsync(HttpContext context, int status, string code, string message)
    {
        var error = new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message }) };
        return SendAsync(context, status, "application/json; charset=utf-8", Encoding.UTF8.GetBytes(error.ToJsonString()));
    }

    private static Task TagsAsync(HttpContext context, Route route, Repository repository)
    {
        var tags = new JsonArray([.. repository.Tags.Keys.Order(StringComparer.Ordinal).Select(tag => JsonValue.Create(tag))]);
        var body = new JsonObject { ["name"] = route.Repository, ["tags"] = tags };
        return SendAsync(context, 200, "application/json; charset=utf-8", Encoding.UTF8.GetBytes(body.ToJsonString()));
    }

    private static Task GetManifestAsync(HttpContext context, Route route, Repository repository)
    {
        if (repository.Find(route.Reference) is not { } manifest)
        {
            return ErrorAsync(context, 404, "MANIFEST_UNKNOWN", "Requested image not found");
        }

        context.Response.Headers["Docker-Content-Digest"] = manifest.Digest;
        return SendAsync(context, 200, manifest.MediaType, manifest.Content);
    }

    private static async Task PutManifestAsync(HttpContext context, Route route, Repository repository)
    {
        var content = await UploadApi.ReadAsync(context);
        if (route.Reference.Contains(':', StringComparison.Ordinal) && route.Reference != Repository.Digest(content))
        {
            await ErrorAsync(context, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
            return;
        }

        var manifest = repository.AddManifest(route.Reference, context.Request.ContentType ?? TinyImage.ManifestType, content);
        context.Response.StatusCode = 201;
        context.Response.Headers["Docker-Content-Digest"] = manifest.Digest;
        context.Response.Headers.Location = $"/v2/{route.Repository}/manifests/{manifest.Digest}";
    }

    private static Task GetBlobAsync(HttpContext context, Route route, Repository repository)
    {
        if (!repository.Blobs.TryGetValue(route.Reference, out var blob))
        {
            return ErrorAsync(context, 404, "BLOB_UNKNOWN", "blob unknown to registry");
        }

        context.Response.Headers["Docker-Content-Digest"] = route.Reference;
        return SendAsync(context, 200, "application/octet-stream", blob);
    }

    private static async Task SendAsync(HttpContext context, int status, string contentType, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
