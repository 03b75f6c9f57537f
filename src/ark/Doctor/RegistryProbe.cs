using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Ark.Cli.Credentials;

namespace Ark.Cli.Doctor;

/// <summary>
/// Asks a registry for one manifest, as a pull does. The credentials go to that host alone: over https, by plain http only to this machine
/// itself, as docker does, and no redirect is followed.
/// </summary>
internal sealed class RegistryProbe : IDisposable
{
    private const int MostOfBody = 1 << 16;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private static readonly string[] Manifests =
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ];

    private readonly Uri _https;
    private readonly HttpClient _client;
    private readonly TimeProvider _clock;

    /// <param name="login">The registry and its credentials.</param>
    /// <param name="roots">A PEM file of the roots to trust instead of the system's, or null.</param>
    /// <param name="clock">Measures how long an answer may take.</param>
    public RegistryProbe(RegistryLogin login, string? roots, TimeProvider clock)
    {
        _clock = clock;
        _https = new Uri($"https://{login.Host}/");
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !_https.IsLoopback,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = roots is null ? null : Trusting(roots) },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        byte[] pair = Encoding.UTF8.GetBytes($"{login.Username}:{login.Secret}");
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(pair));
        CryptographicOperations.ZeroMemory(pair);
        Manifests.ToList().ForEach(_client.DefaultRequestHeaders.Accept.ParseAdd);
    }

    /// <summary>Asks whether the manifest is there, and where it is not, why.</summary>
    public async Task<ProbeAnswer> AskAsync(string repository, string reference)
    {
        var address = new Uri(_https, $"v2/{repository}/manifests/{reference}");
        ProbeAnswer answer = await AskAsync(address);
        if (answer is not ProbeAnswer.Unreachable || !_https.IsLoopback)
        {
            return answer;
        }

        // A server that wants TLS says 400 to plain http, and nothing of manifests.
        ProbeAnswer plain = await AskAsync(new UriBuilder(address) { Scheme = Uri.UriSchemeHttp }.Uri);
        return plain is ProbeAnswer.Unreachable or ProbeAnswer.Answered { Status: 400, Code: null } ? answer : plain;
    }

    public void Dispose() => _client.Dispose();

    private async Task<ProbeAnswer> AskAsync(Uri address)
    {
        using var patience = new CancellationTokenSource(Limit, _clock);
        try
        {
            using var head = new HttpRequestMessage(HttpMethod.Head, address);
            using HttpResponseMessage answer = await _client.SendAsync(head, patience.Token);
            if ((int)answer.StatusCode is < 400 or >= 500 or (int)HttpStatusCode.TooManyRequests)
            {
                return Answered(answer, "", Digest(answer));
            }

            // The answer to HEAD has no body, in which a registry says what is wrong.
            using var get = new HttpRequestMessage(HttpMethod.Get, address);
            using HttpResponseMessage reason = await _client.SendAsync(get, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return Answered(reason, await BodyAsync(reason, patience.Token), Digest(reason));
        }
        catch (HttpRequestException e)
        {
            return new ProbeAnswer.Unreachable(e.HttpRequestError);
        }
        catch (IOException)
        {
            return new ProbeAnswer.Unreachable(HttpRequestError.ResponseEnded);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return new ProbeAnswer.Silent(Limit);
        }
    }

    private static X509ChainPolicy Trusting(string roots)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(roots);
        }
        catch (CryptographicException)
        {
            // Nothing is trusted then, and the check says that TLS is not.
        }

        return policy;
    }

    private static ProbeAnswer.Answered Answered(HttpResponseMessage answer, string body, string? digest)
    {
        bool wantsBearer = answer.Headers.WwwAuthenticate.Any(static challenge =>
            challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase));
        (string? code, bool hasExpired) = ErrorIn(body);
        return new ProbeAnswer.Answered((int)answer.StatusCode, code, hasExpired, wantsBearer, digest);
    }

    private static string? Digest(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Docker-Content-Digest", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private static async Task<string> BodyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[MostOfBody];
        await using Stream stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        int length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>The first code of the registry's errors. Its words are never shown: they may repeat what was sent.</summary>
    private static (string? Code, bool HasExpired) ErrorIn(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            JsonElement error = document.RootElement.GetProperty("errors"u8)[0];
            string message = error.TryGetProperty("message"u8, out JsonElement text) ? text.GetString() ?? "" : "";
            return (error.GetProperty("code"u8).GetString(), message.Contains("has expired", StringComparison.OrdinalIgnoreCase));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            return (null, false);
        }
    }
}

/// <summary>What came back from a registry.</summary>
internal abstract record ProbeAnswer
{
    private ProbeAnswer()
    {
    }

    /// <param name="Status">HTTP's.</param>
    /// <param name="Code">The registry's word for what is wrong, such as <c>NAME_UNKNOWN</c>; null where it gives none.</param>
    /// <param name="HasExpired">Whether it says that the token has expired.</param>
    /// <param name="WantsBearer">Whether it wants a token of its own token service.</param>
    /// <param name="Digest">The manifest's.</param>
    internal sealed record Answered(int Status, string? Code, bool HasExpired, bool WantsBearer, string? Digest) : ProbeAnswer;

    internal sealed record Unreachable(HttpRequestError Reason) : ProbeAnswer;

    internal sealed record Silent(TimeSpan Limit) : ProbeAnswer;
}
