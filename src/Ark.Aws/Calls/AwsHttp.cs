using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ark.Aws.Profiles;
using Ark.Core.Problems;

namespace Ark.Aws.Calls;

/// <summary>
/// The HTTP side of one fetch, whose calls follow each other: no redirect is followed, no cookie kept, no request sent twice, at most
/// <see cref="MaxAnswer"/> bytes of an answer are read, and no connection outlives the fetch.
/// </summary>
internal sealed class AwsHttp : IDisposable
{
    public const int MaxAnswer = 1024 * 1024;

    private readonly SocketsHttpHandler _sockets;
    private readonly OutboundProxy _proxy;
    private readonly string? _appId;
    private int _connections;

    /// <param name="roots">Roots to trust instead of the platform's; none means the platform's.</param>
    /// <param name="clock">Hears of the time that every answer says.</param>
    /// <param name="proxy">How other machines are reached.</param>
    /// <param name="appId">What the caller's application is called, for AWS's logs, or null.</param>
    public AwsHttp(X509Certificate2Collection roots, AwsClock clock, OutboundProxy proxy, string? appId)
    {
        (Clock, _proxy, _appId) = (clock, proxy, appId);
        _sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 64,
            Proxy = proxy,
            ConnectCallback = ConnectOnceAsync,
        };
        CaBundle.Trust(roots, _sockets);
    }

    public AwsClock Clock { get; }

    /// <summary>Sends a request and gives its answer's head; whoever called reads the body, within <see cref="MaxAnswer"/>.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // A proxy that asks for a password may close the connection on which it does.
        _connections = _proxy.MayAskForPassword(request.RequestUri!) ? 2 : 1;
        if (_appId is not null)
        {
            request.Headers.TryAddWithoutValidation("User-Agent", $"app/{_appId}");
        }

        using var invoker = new HttpMessageInvoker(_sockets, disposeHandler: false);
        HttpResponseMessage response = await invoker.SendAsync(request, cancellationToken);

        // Over plain http anybody on the way could have written it.
        if (response.Headers.Date is { } date && request.RequestUri is { } uri && (uri.Scheme == Uri.UriSchemeHttps || uri.IsLoopback))
        {
            Clock.Learn(date);
        }

        return response;
    }

    public void Dispose() => _sockets.Dispose();

    // .NET sends a request up to three times more when the peer closes the connection without a word. What is repeated is decided in
    // one place, AwsCaller, and so a request has one connection at most.
    private async ValueTask<Stream> ConnectOnceAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (Interlocked.Decrement(ref _connections) < 0)
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>Reads the roots that somebody trusts instead of the platform's.</summary>
public static class CaBundle
{
    /// <summary>Lets a handler trust these roots instead of the platform's; none means the platform's.</summary>
    public static void Trust(X509Certificate2Collection roots, SocketsHttpHandler handler)
    {
        if (roots.Count > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }
    }

    /// <summary>The certificates of the PEM file; none without a file.</summary>
    public static Outcome<X509Certificate2Collection> Load(string? path)
    {
        var roots = new X509Certificate2Collection();
        if (path is null)
        {
            return roots;
        }

        try
        {
            roots.ImportFromPem(SmallFile.ReadText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            roots.Clear();
        }

        return roots.Count > 0
            ? roots
            : new Problem(
                ProblemKind.BadSetting,
                $"the CA bundle {path} has no certificate that can be read",
                "correct AWS_CA_BUNDLE, the profile's ca_bundle or the configuration's caBundle");
    }
}
