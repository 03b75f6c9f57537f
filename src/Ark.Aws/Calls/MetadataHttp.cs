using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Ark.Aws.Calls;

/// <summary>
/// The HTTP side of one conversation with a metadata endpoint, one request after the other: never through a proxy, no redirect is
/// followed, and at most <see cref="MaxAnswer"/> bytes of an answer are read, into memory that is wiped.
/// </summary>
internal sealed class MetadataHttp : IDisposable
{
    public const int MaxAnswer = 64 * 1024;

    private readonly TimeProvider _time;
    private readonly TimeSpan _connect;
    private readonly TimeSpan _read;
    private readonly Predicate<IPAddress>? _mayConnect;
    private readonly HttpMessageInvoker _client;
    private CancellationTokenSource? _limit;
    private bool _isConnected;

    /// <param name="time">The clock of the limits.</param>
    /// <param name="connect">How long a connection may take.</param>
    /// <param name="read">How long an answer may take.</param>
    /// <param name="mayConnect">Which addresses the host's name may have; null for any.</param>
    public MetadataHttp(TimeProvider time, TimeSpan connect, TimeSpan read, Predicate<IPAddress>? mayConnect = null)
    {
        (_time, _connect, _read, _mayConnect) = (time, connect, read, mayConnect);
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>Sends a request without a body; whoever gets the answer disposes of it.</summary>
    public async Task<MetadataAnswer> SendAsync(
        HttpMethod method, string url, (string Name, string? Value)[] headers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, url);
        foreach ((string name, string? value) in headers)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        // Set anew when a connection is begun, and when there is one; this is for one that is open already.
        using var limit = new CancellationTokenSource(_read, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        _limit = limit;
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, either.Token);
            return await ReadAsync(response, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new MetadataAnswer(_isConnected ? MetadataFault.Silent : MetadataFault.NoConnection);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return new MetadataAnswer(
                e is HttpRequestException { InnerException: ForeignAddressException } ? MetadataFault.ForeignAddress
                : _isConnected || e.InnerException is AuthenticationException ? MetadataFault.Broken
                : MetadataFault.NoConnection);
        }
        finally
        {
            _limit = null;
        }
    }

    public void Dispose()
    {
        _limit?.Dispose();
        _client.Dispose();
    }

    private static async Task<MetadataAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] body = GC.AllocateUninitializedArray<byte>(MaxAnswer + 1, pinned: true);
        int length = 0;
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
            if (length > MaxAnswer)
            {
                return new MetadataAnswer(MetadataFault.Broken);
            }

            string? life = response.Headers.TryGetValues(MetadataAnswer.LifeHeader, out IEnumerable<string>? values)
                ? values.FirstOrDefault()
                : null;
            return new MetadataAnswer(body.AsSpan(0, length), (int)response.StatusCode, life);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    /// <summary>Connects to an address that was looked at, whatever the name means a moment later.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        CancellationTokenSource limit = _limit ?? throw new IOException("nobody waits");
        _isConnected = false;
        limit.CancelAfter(_connect);
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, limit.Token);
        if (_mayConnect is not null && !Array.TrueForAll(addresses, _mayConnect))
        {
            throw new ForeignAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, limit.Token);
            _isConnected = true;
            limit.CancelAfter(_read);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The name of the host leads to an address that is not asked.</summary>
    private sealed class ForeignAddressException : IOException;
}

/// <summary>Why there is no answer.</summary>
internal enum MetadataFault
{
    None,

    /// <summary>Nobody is there.</summary>
    NoConnection,

    /// <summary>Somebody is there, and says nothing.</summary>
    Silent,

    /// <summary>The connection ended, or what came is not HTTP, or too long.</summary>
    Broken,

    /// <summary>The host's name has an address that may not be asked.</summary>
    ForeignAddress,
}

/// <summary>What a metadata endpoint answered: the keys may be in it, so it is wiped.</summary>
internal sealed class MetadataAnswer : IDisposable
{
    /// <summary>How long a session's token is to be, and is, good: in seconds.</summary>
    public const string LifeHeader = "x-aws-ec2-metadata-token-ttl-seconds";

    private readonly byte[] _body = [];

    public MetadataAnswer(MetadataFault fault) => Fault = fault;

    public MetadataAnswer(ReadOnlySpan<byte> body, int status, string? life)
    {
        _body = GC.AllocateUninitializedArray<byte>(body.Length, pinned: true);
        body.CopyTo(_body);
        (Status, Life) = (status, life);
    }

    public MetadataFault Fault { get; }

    /// <summary>The status; 0 where there is no answer.</summary>
    public int Status { get; }

    /// <summary>How long the token in the body is good, as the answer has it.</summary>
    public string? Life { get; }

    public ReadOnlyMemory<byte> Body => _body;

    /// <summary>Whether the same request may have a better answer a moment later.</summary>
    public bool IsTransient => Status >= 500 || Fault == MetadataFault.Broken;

    public void Dispose() => CryptographicOperations.ZeroMemory(_body);
}
