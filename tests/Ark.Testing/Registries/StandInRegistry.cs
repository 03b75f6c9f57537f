using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Ark.Testing.Aws;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Ark.Testing.Registries;

/// <summary>
/// A registry on loopback that answers as ECR does under any host name: Basic challenge, ECR's texts for unknown and expired
/// tokens, and the distribution API. It opens to tokens that a <see cref="StandInAws"/> issued and that are alive by its clock.
/// Each host name is a registry of its own.
/// </summary>
public sealed partial class StandInRegistry : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Repository> _repositories = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<RegistryRequest> _log = new();
    private readonly RegistryGuard _guard;
    private readonly DistributionApi _api;
    private LoopbackServer? _server;

    private StandInRegistry(StandInAws aws, TimeProvider clock)
    {
        _guard = new RegistryGuard(aws, clock);
        _api = new DistributionApi((host, name) => _repositories.GetValueOrDefault($"{host}/{name}"));
    }

    /// <summary>Where it listens, such as <c>https://127.0.0.1:40123/</c>.</summary>
    public Uri Endpoint => _server!.Endpoint;

    /// <summary>Who signed its certificates; there is one for every host name that clients ask for.</summary>
    public CertificateAuthority Authority { get; } = new();

    /// <summary>Every request so far, in order of arrival.</summary>
    public IReadOnlyList<RegistryRequest> Log => [.. _log];

    /// <summary>Each tag as <c>host/repository:tag</c>, with the digest of its manifest and all that this names.</summary>
    public IEnumerable<string> Images =>
        from repository in _repositories
        from tag in repository.Value.Tags
        let manifest = repository.Value.Manifests[tag.Value]
        let named = Named().Matches(Encoding.UTF8.GetString(manifest.Content)).Select(digest => digest.Value)
        select string.Join(' ', [$"{repository.Key}:{tag.Key}", manifest.Digest, .. named]);

    public static async Task<StandInRegistry> StartAsync(StandInAws aws, TimeProvider? clock = null, bool https = true)
    {
        var registry = new StandInRegistry(aws, clock ?? TimeProvider.System);
        registry._server = await LoopbackServer.StartAsync(registry.HandleAsync, https ? registry.UseHttps : null);
        return registry;
    }

    /// <summary>Puts a tiny image at <c>host/repository:tag</c> and returns the digest of its manifest.</summary>
    public string Seed(string image)
    {
        var reference = ImageReference.Parse(image);
        return TinyImage.AddTo(Open(reference.Host, reference.Repository), reference.Tag);
    }

    /// <summary>Makes an empty repository, so that it can be pushed to.</summary>
    public void CreateRepository(string host, string repository) => Open(host, repository);

    /// <summary>Lets the principals of one account into another's registry, as a repository policy does.</summary>
    public void Share(string ownerAccount, string guestAccount) => _guard.Share(ownerAccount, guestAccount);

    /// <summary>How many requests were judged so.</summary>
    public int Count(AuthOutcome outcome) => _log.Count(request => request.Outcome == outcome);

    /// <summary>A client that reaches this registry under any host name and trusts its authority. The caller disposes of it.</summary>
    public HttpClient CreateClient()
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, Endpoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0
                    && certificate is X509Certificate2 presented
                    && Authority.Trusts(presented),
            },
        };
        return new HttpClient(handler);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Authority.Dispose();
    }

    private Repository Open(string host, string repository) => _repositories.GetOrAdd($"{host}/{repository}", _ => new Repository());

    [GeneratedRegex("sha256:[0-9a-f]{64}")]
    private static partial Regex Named();

    private void UseHttps(ListenOptions listen) => listen.UseHttps(new HttpsConnectionAdapterOptions
    {
        ServerCertificateSelector = (_, host) => Authority.For(host is null or "" ? "127.0.0.1" : host),
    });

    private async Task HandleAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        var outcome = _guard.Judge(host, context.Request.Headers.Authorization);
        _log.Enqueue(new RegistryRequest(context.Request.Method, host, context.Request.Path, outcome));

        context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        switch (outcome)
        {
            case AuthOutcome.Accepted:
                await _api.AnswerAsync(context, host);
                break;
            case AuthOutcome.Expired:
                await DistributionApi.ErrorAsync(
                    context, 403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.");
                break;
            case AuthOutcome.Forbidden:
                await DistributionApi.ErrorAsync(context, 403, "DENIED", "Not Authorized");
                break;
            case AuthOutcome.Anonymous or AuthOutcome.Unknown:
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = $"Basic realm=\"https://{host}/\",service=\"ecr.amazonaws.com\"";
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes("Not Authorized\n"), context.RequestAborted);
                break;
        }
    }
}
