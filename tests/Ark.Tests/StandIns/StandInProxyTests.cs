using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Ark.Testing.Aws;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.Tests.StandIns;

public sealed class StandInProxyTests : IAsyncLifetime
{
    private StandInAws _aws = null!;
    private StandInRegistry _registry = null!;
    private StandInProxy _proxy = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _aws = await StandInAws.StartAsync();
        _registry = await StandInRegistry.StartAsync(_aws);
        _proxy = StandInProxy.Start(_registry, "docker.example.com");
        _http = new HttpClient(new SocketsHttpHandler
        {
            Proxy = new WebProxy(_proxy.Endpoint),
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0
                    && _registry.Authority.Trusts((X509Certificate2)certificate!),
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _proxy.DisposeAsync();
        await _registry.DisposeAsync();
        await _aws.DisposeAsync();
    }

    [Theory]
    [InlineData("123456789012.dkr.ecr.us-east-1.amazonaws.com")]
    [InlineData("123456789012.dkr-ecr.eu-west-1.on.aws")]
    [InlineData("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn")]
    [InlineData("docker.example.com")]
    public async Task Registry_hosts_lead_to_the_registry_under_their_own_names(string host)
    {
        using var response = await _http.GetAsync(new Uri($"https://{host}/v2/"), Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(host, _registry.Log.Single().Host);
    }

    [Theory]
    [InlineData("https://example.com/")]
    [InlineData("https://index.docker.io/v1/")]
    [InlineData("https://123456789012.dkr.ecr.us-east-1.amazonaws.com:8443/")]
    public async Task Other_hosts_and_ports_are_refused(string address)
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => _http.GetAsync(new Uri(address), Cancellation));

        Assert.StartsWith("CONNECT ", _proxy.Refused.First(), StringComparison.Ordinal);
        Assert.Empty(_registry.Log);
    }

    [Fact]
    public async Task What_is_no_tunnel_is_refused()
    {
        using var response = await _http.GetAsync(new Uri("http://123456789012.dkr.ecr.us-east-1.amazonaws.com/"), Cancellation);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_a_tunnel_holds_up_nothing()
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, _proxy.Endpoint.Port, Cancellation);
            await client.GetStream().WriteAsync("CONNECT docker.example.com:443 HTTP/1.1\r\n\r\n"u8.ToArray(), Cancellation);
            await client.GetStream().ReadExactlyAsync(new byte[12], Cancellation);
        }

        using var response = await _http.GetAsync(new Uri("https://docker.example.com/v2/"), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }
}
