using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;

namespace Ark.Aws.Sdk;

/// <summary>
/// The HTTP side of one fetch, shared by its clients: follows no redirect, keeps no cookie, reads at most
/// <see cref="MaxAnswer"/> bytes of an answer, and is closed with the fetch, so that no idle connection outlives it.
/// </summary>
internal sealed class AwsHttp : HttpClientFactory, IDisposable
{
    public const int MaxAnswer = 1024 * 1024;

    private readonly HttpClient _client;

    /// <param name="roots">Roots to trust instead of the platform's; none means the platform's.</param>
    public AwsHttp(X509Certificate2Collection roots)
    {
#pragma warning disable CA2000 // HttpClient disposes of the handlers, and Dispose of the HttpClient.
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 64,
            Proxy = new LoopbackBypass(HttpClient.DefaultProxy),
        };
        if (roots.Count > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(roots);
            sockets.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        _client = new HttpClient(new BoundedAnswers(sockets)) { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore CA2000
    }

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose() => _client.Dispose();

    /// <summary>The SDK reads answers as streams, past every limit that HttpClient has; here they are read whole first.</summary>
    private sealed class BoundedAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            try
            {
                await response.Content.LoadIntoBufferAsync(MaxAnswer, cancellationToken);
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
    }

    /// <summary>The platform's proxy, but never on the way to this machine itself.</summary>
    private sealed class LoopbackBypass(IWebProxy platform) : IWebProxy
    {
        public ICredentials? Credentials { get => platform.Credentials; set => platform.Credentials = value; }

        public Uri? GetProxy(Uri destination) => platform.GetProxy(destination);

        public bool IsBypassed(Uri host) => host.IsLoopback || platform.IsBypassed(host);
    }
}
