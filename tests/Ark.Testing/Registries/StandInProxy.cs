using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ark.Testing.Registries;

/// <summary>
/// An HTTP proxy on loopback for <c>HTTPS_PROXY</c>: a CONNECT to a registry host ends at the <see cref="StandInRegistry"/>, and
/// everything else is refused. So real clients use real ECR host names, and nothing they do leaves the machine.
/// </summary>
public sealed class StandInProxy : IAsyncDisposable
{
    private const int HeadLimit = 8 << 10;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _refused = new();
    private readonly int _registryPort;
    private readonly Func<string, bool> _isRegistry;
    private readonly Task _accepting;

    private StandInProxy(int registryPort, Func<string, bool> isRegistry)
    {
        _registryPort = registryPort;
        _isRegistry = isRegistry;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Such as <c>http://127.0.0.1:40123/</c>.</summary>
    public Uri Endpoint => new($"http://{_listener.LocalEndpoint}/");

    /// <summary>The first line of every request that was refused.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>Sends ECR hosts, and <paramref name="more"/> hosts by name, to the registry.</summary>
    public static StandInProxy Start(StandInRegistry registry, params IReadOnlyList<string> more) =>
        new(registry.Endpoint.Port, host => IsEcr(host) || more.Contains(host, StringComparer.OrdinalIgnoreCase));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private static bool IsEcr(string host) => host.ToLowerInvariant().Split('.') is
        [{ Length: 12 }, "dkr", "ecr" or "ecr-fips", _, ..]
        or [{ Length: 12 }, "dkr-ecr" or "dkr-ecr-fips", _, ..]
        or ["public", "ecr", "aws"];

    private async Task AcceptAsync()
    {
        List<Task> tunnels = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                tunnels.RemoveAll(tunnel => tunnel.IsCompleted);
                tunnels.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(tunnels);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            var stream = client.GetStream();
            var request = await ReadHeadAsync(stream);
            if (request.Split(' ') is ["CONNECT", var target, _] && target.EndsWith(":443", StringComparison.Ordinal)
                && _isRegistry(target[..^":443".Length]))
            {
                using var registry = new TcpClient();
                await registry.ConnectAsync(IPAddress.Loopback, _registryPort, _stopping.Token);
                await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _stopping.Token);
                await SpliceAsync(stream, registry.GetStream());
            }
            else
            {
                _refused.Enqueue(request);
                await stream.WriteAsync(
                    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), _stopping.Token);
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException)
        {
            // Either side may leave at any time; the tunnel ends with it.
        }
    }

    /// <summary>Reads to the blank line, byte by byte so that nothing of the tunnel is taken; returns the first line.</summary>
    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new byte[HeadLimit];
        var length = 0;
        while (length < HeadLimit && !head.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            await stream.ReadExactlyAsync(head.AsMemory(length++, 1), _stopping.Token);
        }

        return Encoding.ASCII.GetString(head, 0, length).Split("\r\n")[0];
    }

    private async Task SpliceAsync(NetworkStream client, NetworkStream registry)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var both = new[] { client.CopyToAsync(registry, either.Token), registry.CopyToAsync(client, either.Token) };
        await Task.WhenAny(both);
        await either.CancelAsync();
        await Task.WhenAll(both);
    }
}
