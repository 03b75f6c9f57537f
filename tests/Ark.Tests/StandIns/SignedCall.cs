using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Ark.Testing.Aws;

namespace Ark.Tests.StandIns;

/// <summary>Signs the one shape of request that ECR's API has. Only tests of the stand-in use it; the product signs with the SDK.</summary>
internal static class SignedCall
{
    private const string Type = "application/x-amz-json-1.1";
    private const string Names = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target";

    public static HttpRequestMessage GetAuthorizationToken(
        Uri endpoint, Principal caller, DateTimeOffset at, string region = "us-east-1", string service = "ecr", string? scope = null) =>
        Ecr(endpoint, caller, at, "GetAuthorizationToken", "{}", region, service, scope);

    /// <summary>Any operation of ECR or ECR Public.</summary>
    public static HttpRequestMessage Ecr(
        Uri endpoint,
        Principal caller,
        DateTimeOffset at,
        string operation,
        string body,
        string region = "us-east-1",
        string service = "ecr",
        string? scope = null)
    {
        var prefix = service == "ecr-public" ? "SpencerFrontendService" : "AmazonEC2ContainerRegistry_V20150921";
        var target = $"{prefix}.{operation}";
        var stamp = at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var session = caller.SessionToken is null ? "" : $"x-amz-security-token:{caller.SessionToken}\n";
        var names = caller.SessionToken is null ? Names.Replace("x-amz-security-token;", "", StringComparison.Ordinal) : Names;
        var canonical = $"POST\n/\n\ncontent-type:{Type}\nhost:{endpoint.Authority}\nx-amz-date:{stamp}\n{session}x-amz-target:{target}\n\n"
            + $"{names}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}";
        var credential = $"{stamp[..8]}/{region}/{scope ?? service}/aws4_request";
        var key = Encoding.UTF8.GetBytes("AWS4" + caller.Secret);
        var toSign = $"AWS4-HMAC-SHA256\n{stamp}\n{credential}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        foreach (var part in (string[])[.. credential.Split('/'), toSign])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new StringContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(Type);
        request.Headers.Add("X-Amz-Date", stamp);
        request.Headers.Add("X-Amz-Target", target);
        request.Headers.Add("User-Agent", "signed-call/1");
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={caller.AccessKeyId}/{credential}, SignedHeaders={names}, Signature={Hex(key)}");
        if (caller.SessionToken is not null)
        {
            request.Headers.Add("X-Amz-Security-Token", caller.SessionToken);
        }

        return request;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
