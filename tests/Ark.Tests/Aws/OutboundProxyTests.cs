using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Testing;
using Ark.Testing.Registries;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class OutboundProxyTests
{
    private static readonly Uri Elsewhere = new("http://environment.invalid:1/");

    [Theory]
    [InlineData("example.com", "https://example.com/", true)]
    [InlineData("example.com", "https://api.example.com/", true)]
    [InlineData("example.com", "https://badexample.com/", false)]
    [InlineData(".example.com", "https://api.example.com/", true)]
    [InlineData(".example.com", "https://example.com/", false)]
    [InlineData("*.example.com", "https://api.example.com/", true)]
    [InlineData("EXAMPLE.com", "https://API.example.COM/", true)]
    [InlineData("example.com:8443", "https://example.com:8443/", true)]
    [InlineData("example.com:8443", "https://example.com/", false)]
    [InlineData("*", "https://example.com/", true)]
    [InlineData("", "https://example.com/", false)]
    [InlineData(" example.com ", "https://example.com/", true)]
    [InlineData("10.0.0.0/8", "https://10.1.2.3/", true)]
    [InlineData("10.9.9.9/8", "https://10.1.2.3/", true)]
    [InlineData("10.0.0.0/8", "https://11.1.2.3/", false)]
    [InlineData("10.1.0.0/15", "https://10.0.2.3/", true)]
    [InlineData("10.1.0.0/33", "https://10.1.0.0/", false)]
    [InlineData("10.1.2.3", "https://10.1.2.3/", true)]
    [InlineData("10.1.2.3:443", "https://10.1.2.3/", true)]
    [InlineData("10.1.2.3:444", "https://10.1.2.3/", false)]
    [InlineData("2.3", "https://10.1.2.3/", false)]
    [InlineData("fd00::/8", "https://[fd00::1]/", true)]
    [InlineData("fd00::1", "https://[fd00::1]/", true)]
    [InlineData("[fd00::1]:443", "https://[fd00::1]/", true)]
    [InlineData("[fd00::1]:444", "https://[fd00::1]/", false)]
    public void A_list_of_exceptions_is_read_as_Go_and_curl_read_it(string entry, string address, bool isBypassed)
    {
        OutboundProxy proxy = Configured("http://proxy.invalid:3128", entry);

        Assert.Equal(isBypassed, proxy.IsBypassed(new Uri(address)));
        Assert.Equal(isBypassed ? null : new Uri("http://proxy.invalid:3128/"), proxy.GetProxy(new Uri(address)));
    }

    [Theory]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://localhost/")]
    [InlineData("https://[::1]/")]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("http://169.254.170.23/v1/credentials")]
    [InlineData("http://[fd00:ec2::254]/latest")]
    public void This_machine_and_metadata_are_never_reached_through_a_proxy(string address)
    {
        Assert.True(Configured("http://proxy.invalid:3128").IsBypassed(new Uri(address)));
        Assert.True(new OutboundProxy(settings: null, new WebProxy(Elsewhere)).IsBypassed(new Uri(address)));
    }

    [Fact]
    public void Without_a_proxy_in_the_configuration_that_of_the_daemons_environment_counts()
    {
        var address = new Uri("https://example.com/");

        Assert.Equal(Elsewhere, new OutboundProxy(settings: null, new WebProxy(Elsewhere)).GetProxy(address));
        Assert.Equal(Elsewhere, new OutboundProxy(new ProxySettings(null, new ValueList<string>([]), "/roots.pem"), new WebProxy(Elsewhere)).GetProxy(address));
        Assert.Equal(new Uri("http://proxy.invalid:3128/"), Configured("http://proxy.invalid:3128").GetProxy(address));
    }

    [Fact]
    public void Plain_http_goes_straight() =>
        Assert.True(Configured("http://proxy.invalid:3128").IsBypassed(new Uri("http://localstack:4566/")));

    [Fact]
    public async Task A_call_goes_through_the_proxy_with_its_password_and_the_configured_roots()
    {
        using var authority = new CertificateAuthority();
        await using StandIn proxy = await StandIn.StartAsync(authority);
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_ENDPOINT_URL"] = "https://api.ecr.invalid";
        caller.Variables["AWS_SDK_UA_APP_ID"] = "build/farm 7";
        EcrSource source = SomeCaller.Source() with { Proxy = Through(proxy.Address("user:SENTINEL%40"), caller.Home.Write("roots.pem", authority.Pem)) };

        // What answers is no AWS, but it was reached, and under a name that only the proxy knows.
        Assert.Equal(ProblemKind.BadAnswer, (await caller.FailAsync(source)).Kind);
        Assert.Contains("CONNECT api.ecr.invalid:443", proxy.Heads.Last(), StringComparison.Ordinal);
        string basic = Convert.ToBase64String("user:SENTINEL@"u8);
        Assert.Contains($"Proxy-Authorization: Basic {basic}", proxy.Heads.Last(), StringComparison.Ordinal);
        Assert.EndsWith(" app/build-farm-7", Assert.Single(proxy.Agents), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_or_refuses_is_never_shown_with_its_password()
    {
        using var authority = new CertificateAuthority();
        await using StandIn proxy = await StandIn.StartAsync(authority);
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_ENDPOINT_URL"] = "https://api.ecr.invalid";

        Problem refused = await caller.FailAsync(SomeCaller.Source() with { Proxy = Through(proxy.Address("user:SENTINEL-wrong"), null) });
        Assert.Equal(ProblemKind.Unreachable, refused.Kind);

        string nowhere = "http://user:SENTINEL@proxy.invalid:3128";
        Problem absent = await caller.FailAsync(SomeCaller.Source() with { Proxy = Through(nowhere, null) });
        Assert.Equal(ProblemKind.Unreachable, absent.Kind);
        Assert.DoesNotContain("SENTINEL", (SomeCaller.Source() with { Proxy = Through(nowhere, null) }).ToString(), StringComparison.Ordinal);
    }

    private static OutboundProxy Configured(string url, params string[] except) =>
        new(new ProxySettings(url, new ValueList<string>(except), null), new WebProxy(Elsewhere));

    private static ProxySettings Through(string url, string? roots) => new(url, new ValueList<string>([]), roots);

    /// <summary>
    /// A proxy that asks for a password, and closes the connection on which it does; what it lets through ends at a server that answers
    /// nothing of AWS.
    /// </summary>
    private sealed class StandIn : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentQueue<string> _agents;
        private readonly LoopbackServer _server;
        private readonly Task _serving;

        private StandIn(LoopbackServer server, ConcurrentQueue<string> agents)
        {
            (_server, _agents) = (server, agents);
            _listener.Start();
            _serving = ServeAsync();
        }

        public ConcurrentQueue<string> Heads { get; } = [];

        public IReadOnlyCollection<string> Agents => _agents;

        public static async Task<StandIn> StartAsync(CertificateAuthority authority)
        {
            var agents = new ConcurrentQueue<string>();
            return new StandIn(
                await LoopbackServer.StartAsync(
                    async context =>
                    {
                        agents.Enqueue(context.Request.Headers.UserAgent.ToString());
                        await context.Response.Body.WriteAsync("{}"u8.ToArray());
                    },
                    listen => listen.UseHttps(authority.For("api.ecr.invalid"))),
                agents);
        }

        public string Address(string user) => $"http://{user}@{_listener.LocalEndpoint}";

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _server.DisposeAsync();
        }

        private async Task ServeAsync()
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                NetworkStream stream = client.GetStream();
                var head = new StringBuilder();
                byte[] one = new byte[1];
                while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
                {
                    head.Append((char)one[0]);
                }

                Heads.Enqueue(head.ToString());
                bool knows = head.ToString().Contains(Convert.ToBase64String("user:SENTINEL@"u8), StringComparison.Ordinal);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(knows
                    ? "HTTP/1.1 200 Connection established\r\n\r\n"
                    : "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
                if (knows)
                {
                    using var server = new TcpClient();
                    await server.ConnectAsync(IPAddress.Loopback, _server.Endpoint.Port);
                    NetworkStream behind = server.GetStream();
                    await Task.WhenAny(stream.CopyToAsync(behind), behind.CopyToAsync(stream));
                }
            }
        }
    }
}
