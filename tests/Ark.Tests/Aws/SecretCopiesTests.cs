using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Listening;
using Ark.Tests.Daemon;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>
/// How many copies of a caller's keys and of a token are in a process that has served a thousand requests, by looking at all of its
/// memory. The secrets are drawn at random, and the test's own are in places that it knows.
/// </summary>
public sealed class SecretCopiesTests(ITestOutputHelper output)
{
    private const int Requests = 1000;
    /// <summary>The header that carries it is a string, and .NET writes it through a buffer that it does not wipe.</summary>
    private const int MostOfASession = 6;

    /// <summary>The one that is cached, and what .NET's own buffers have left of the answer.</summary>
    private const int MostOfAToken = 4;

    private const string Host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

    private readonly byte[] _key = Drawn(40);
    private readonly byte[] _session = Drawn(600);
    private readonly byte[] _password = Drawn(1200);

    [Fact]
    public async Task A_thousand_requests_leave_no_copy_of_a_secret_key_and_next_to_none_of_a_session_or_a_token()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux shows a process its own memory");
        await using SomeCaller caller = await SomeCaller.StartAsync();
        using var ecr = new CannedEcr(_password);
        using var fixture = new DispatcherFixture(caller.Access);
        fixture.Sources = (source, who) => caller.Sources.For((EcrSource)source, who);
        var server = new FrameServer(fixture.Dispatcher.AnswerAsync, TimeProvider.System);

        for (int i = 0; i < Requests; i++)
        {
            using var connection = new OneRequest(Frame(ecr.Address, i % 2 == 0 ? Host : "registry.example.com"));
            Assert.Equal(Served.Answered, await server.ServeAsync(connection, TestContext.Current.CancellationToken));
        }

        TokenStatus status = Assert.Single(fixture.Cache.Snapshot());
        Assert.Equal((1, (Requests / 2) - 1, null), (ecr.Calls, (int)status.Hits, status.LastError));
        (int keys, int sessions, int tokens) = Count($"after {Requests} requests");
        Assert.Equal(0, keys);
        Assert.InRange(sessions, 0, MostOfASession);
        Assert.InRange(tokens, 1, MostOfAToken);

        fixture.Cache.Invalidate(status.Key);

        (keys, sessions, int left) = Count("after an eviction");
        Assert.Equal(0, keys);
        Assert.InRange(sessions, 0, MostOfASession);
        Assert.InRange(left, 0, tokens - 1);
    }

    /// <summary>A request as a helper sends it, in pinned memory; the keys are put into it as bytes.</summary>
    private byte[] Frame(string endpoint, string host)
    {
        using var request = new Request(Build.Current, Verb.Get, Encoding.UTF8.GetBytes(host), new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = SomeCaller.KeyId,
            ["AWS_SECRET_ACCESS_KEY"] = new('\u0011', _key.Length),
            ["AWS_SESSION_TOKEN"] = new('\u0012', _session.Length),
            ["AWS_ENDPOINT_URL"] = endpoint,
        });
        byte[] frame = request.ToFrame(1)!;
        _key.CopyTo(frame, frame.AsSpan().IndexOf("\u0011\u0011\u0011"u8));
        _session.CopyTo(frame, frame.AsSpan().IndexOf("\u0012\u0012\u0012"u8));
        return frame;
    }

    private (int Keys, int Sessions, int Tokens) Count(string when)
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        byte[] encoded = CannedEcr.Encoded(_password);
        int[] copies = OwnMemory.Count(_key, _session, _password, encoded);
        CryptographicOperations.ZeroMemory(encoded);
        (int keys, int sessions, int tokens) = (copies[0], copies[1], copies[2] + copies[3]);
        output.WriteLine($"{when}: {keys} copies of the secret key, {sessions} of the session token, {tokens} of the ECR token");
        return (keys, sessions, tokens);
    }

    /// <summary>Letters that nobody has in memory by chance.</summary>
    private static byte[] Drawn(int length)
    {
        byte[] drawn = GC.AllocateArray<byte>(length, pinned: true);
        for (int i = 0; i < length; i++)
        {
            drawn[i] = (byte)('A' + RandomNumberGenerator.GetInt32(26));
        }

        return drawn;
    }

    /// <summary>Answers every call with the same token, and leaves nothing of a call or an answer in memory.</summary>
    private sealed class CannedEcr : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly byte[] _password;
        private int _calls;

        public CannedEcr(byte[] password)
        {
            _password = password;
            _listener.Start();
            _ = ServeAsync();
        }

        public string Address => $"http://{_listener.LocalEndpoint}";

        public int Calls => Volatile.Read(ref _calls);

        /// <summary>The password as AWS sends it.</summary>
        public static byte[] Encoded(byte[] password)
        {
            byte[] plain = Pinned(4 + password.Length);
            "AWS:"u8.CopyTo(plain);
            password.CopyTo(plain, 4);
            byte[] encoded = Pinned(Base64.GetMaxEncodedToUtf8Length(plain.Length));
            Base64.EncodeToUtf8(plain, encoded, out _, out _);
            CryptographicOperations.ZeroMemory(plain);
            return encoded;
        }

        public void Dispose() => _listener.Dispose();

        private static byte[] Pinned(int length) => GC.AllocateArray<byte>(length, pinned: true);

        private async Task ServeAsync()
        {
            while (true)
            {
                try
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    await AnswerAsync(client.GetStream());
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private async Task AnswerAsync(NetworkStream stream)
        {
            byte[] call = Pinned(16 * 1024);
            int length = 0;
            while (call.AsSpan(0, length).IndexOf("\r\n\r\n{}"u8) < 0)
            {
                length += await stream.ReadAsync(call.AsMemory(length));
            }

            CryptographicOperations.ZeroMemory(call);
            Interlocked.Increment(ref _calls);
            byte[] encoded = Encoded(_password);
            string expires = DateTimeOffset.UtcNow.AddHours(12).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            byte[] before = Encoding.UTF8.GetBytes("{\"authorizationData\":[{\"authorizationToken\":\"");
            byte[] after = Encoding.UTF8.GetBytes($"\",\"expiresAt\":{expires},\"proxyEndpoint\":\"https://{Host}\"}}]}}");
            int whole = before.Length + encoded.Length + after.Length;
            byte[] head = Encoding.UTF8.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {whole}\r\n\r\n");
            foreach (byte[] part in (byte[][])[head, before, encoded, after])
            {
                await stream.WriteAsync(part);
            }

            CryptographicOperations.ZeroMemory(encoded);
        }
    }

    /// <summary>A connection that brings one request and takes any answer; what came is wiped as it is read.</summary>
    private sealed class OneRequest(byte[] frame) : Stream, IHalfCloses
    {
        public bool HasLeft => false;

        private int _at;

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Span<byte> part = frame.AsSpan(_at, Math.Min(buffer.Length, frame.Length - _at));
            part.CopyTo(buffer.Span);
            CryptographicOperations.ZeroMemory(part);
            _at += part.Length;
            return ValueTask.FromResult(part.Length);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }

    /// <summary>All memory of this process that can be written to.</summary>
    private static class OwnMemory
    {
        private const int Chunk = 1 << 20;

        /// <summary>How much of a secret, out of its middle, counts as a copy.</summary>
        private const int Window = 24;

        /// <summary>How often each secret is there, as UTF-8 or UTF-16, apart from where it was given from.</summary>
        public static int[] Count(params byte[][] secrets)
        {
            int[] copies = new int[secrets.Length];
            byte[] buffer = GC.AllocateArray<byte>(Chunk, pinned: true);
            byte[][] wide = [.. secrets.Select(Widen)];
            (long From, long To)[] own = [.. secrets.Concat(wide).Append(buffer).Select(RangeOf)];
            using var memory = new FileStream("/proc/self/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            foreach ((long from, long to) in Regions())
            {
                for (long at = from; at < to; at += Chunk - (2 * Window))
                {
                    int length = Read(memory, at, buffer.AsSpan(0, (int)Math.Min(Chunk, to - at)));
                    for (int i = 0; i < secrets.Length; i++)
                    {
                        copies[i] += Count(buffer.AsSpan(0, length), secrets[i].AsSpan((secrets[i].Length - Window) / 2, Window), at, own)
                            + Count(buffer.AsSpan(0, length), wide[i], at, own);
                    }
                }
            }

            foreach (byte[] one in wide)
            {
                CryptographicOperations.ZeroMemory(one);
            }

            return copies;
        }

        private static int Count(ReadOnlySpan<byte> memory, ReadOnlySpan<byte> secret, long address, (long From, long To)[] own)
        {
            int count = 0;

            // The last part is looked at with the next chunk.
            for (int at = 0; memory[at..].IndexOf(secret) is >= 0 and var next; at += next + 1)
            {
                long place = address + at + next;
                bool isNew = at + next < Chunk - (2 * Window);
                count += isNew && !Array.Exists(own, range => place >= range.From && place < range.To) ? 1 : 0;
            }

            return count;
        }

        private static byte[] Widen(byte[] secret)
        {
            byte[] wide = GC.AllocateArray<byte>(2 * Window, pinned: true);
            for (int i = 0; i < Window; i++)
            {
                wide[2 * i] = secret[((secret.Length - Window) / 2) + i];
            }

            return wide;
        }

        private static (long From, long To) RangeOf(byte[] pinned)
        {
            long from = Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
            return (from, from + pinned.Length);
        }

        private static IEnumerable<(long From, long To)> Regions() => File.ReadAllLines("/proc/self/maps")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[1].StartsWith("rw", StringComparison.Ordinal))
            .Select(fields => fields[0].Split('-'))
            .Select(ends => (long.Parse(ends[0], NumberStyles.HexNumber, null), long.Parse(ends[1], NumberStyles.HexNumber, null)));

        private static int Read(FileStream memory, long address, Span<byte> into)
        {
            try
            {
                memory.Position = address;
                return memory.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
            }
            catch (IOException)
            {
                // It was given back meanwhile.
                return 0;
            }
        }
    }
}
