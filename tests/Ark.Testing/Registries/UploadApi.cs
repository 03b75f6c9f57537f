using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Ark.Testing.Registries;

/// <summary>Blobs on their way in: at once, or opened, continued and closed. Mounts are answered as uploads, as clients expect.</summary>
internal sealed class UploadApi(Route route, Repository repository)
{
    public async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Method)
        {
            case "POST" when context.Request.Query["digest"].ToString() is { Length: > 0 } digest:
                await CloseAsync(context, new MemoryStream(), digest);
                break;
            case "POST":
                var id = Guid.NewGuid().ToString();
                repository.Uploads[id] = new MemoryStream();
                Describe(context, id, 0, 202);
                break;
            case "PATCH" when repository.Uploads.TryGetValue(route.Reference, out var upload):
                await context.Request.Body.CopyToAsync(upload, context.RequestAborted);
                Describe(context, route.Reference, upload.Length, 202);
                break;
            case "PUT" when repository.Uploads.TryRemove(route.Reference, out var upload):
                await CloseAsync(context, upload, context.Request.Query["digest"].ToString());
                break;
            case "GET" when repository.Uploads.TryGetValue(route.Reference, out var upload):
                Describe(context, route.Reference, upload.Length, 204);
                break;
            case "DELETE" when repository.Uploads.TryRemove(route.Reference, out _):
                context.Response.StatusCode = 204;
                break;
            default:
                await DistributionApi.ErrorAsync(context, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
                break;
        }
    }

    public static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private async Task CloseAsync(HttpContext context, MemoryStream upload, string digest)
    {
        await context.Request.Body.CopyToAsync(upload, context.RequestAborted);
        var content = upload.ToArray();
        if (Repository.Digest(content) != digest)
        {
            await DistributionApi.ErrorAsync(context, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
            return;
        }

        repository.AddBlob(content);
        context.Response.StatusCode = 201;
        context.Response.Headers["Docker-Content-Digest"] = digest;
        context.Response.Headers.Location = $"/v2/{route.Repository}/blobs/{digest}";
    }

    private void Describe(HttpContext context, string id, long length, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = $"/v2/{route.Repository}/blobs/uploads/{id}";
        context.Response.Headers["Docker-Upload-UUID"] = id;
        context.Response.Headers.Range = string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, length - 1)}");
    }
}
