using System.Net.Sockets;
using Ark.Wire;

namespace Ark.EndToEnd.Frames;

/// <summary>A client that sends the bytes it is told to, and none of ours.</summary>
internal sealed class RawClient : IDisposable
{
    /// <summary>A guard against a daemon that never closes.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public RawClient(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _socket.ReceiveTimeout = (int)Limit.TotalMilliseconds;
    }

    public int Descriptor => (int)_socket.Handle;

    public static byte[] Request(Verb verb, ReadOnlySpan<byte> payload, IReadOnlyDictionary<string, string>? identity = null, ulong id = 1) =>
        new Request(Build.Current, verb, payload.ToArray(), identity ?? new Dictionary<string, string>()).ToFrame(id)!;

    /// <summary>False when the daemon has closed already.</summary>
    public bool Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _socket.Send(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public RawClient Sending(ReadOnlySpan<byte> bytes)
    {
        Send(bytes);
        return this;
    }

    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    public int Read(byte[] bytes) => _socket.Receive(bytes);

    /// <summary>All that the daemon sends until it closes.</summary>
    public byte[] ReadToEnd()
    {
        List<byte> all = [];
        byte[] buffer = new byte[65_536];
        while (true)
        {
            try
            {
                int count = _socket.Receive(buffer);
                if (count == 0)
                {
                    return [.. all];
                }

                all.AddRange(buffer.AsSpan(0, count));
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                return [.. all];
            }
        }
    }

    /// <summary>The one answer that comes before the daemon closes, or null when it closes without.</summary>
    public (Frame Frame, Reply? Reply)? Answer()
    {
        byte[] all = ReadToEnd();
        if (all.Length == 0)
        {
            return null;
        }

        if (!Frame.TryRead(all, out Frame frame) || all.Length != Frame.HeaderLength + frame.Length)
        {
            throw new InvalidOperationException($"not one frame: {Convert.ToHexString(all)}");
        }

        return (frame, Reply.Parse(all.AsSpan(Frame.HeaderLength)));
    }

    public void Dispose() => _socket.Dispose();
}
