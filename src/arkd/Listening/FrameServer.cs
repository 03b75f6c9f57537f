using System.Security.Cryptography;
using System.Text;
using Ark.Wire;

namespace Ark.Daemon.Listening;

/// <summary>
/// Serves one connection: one request in, one answer out, each under its own limit. A request that is there already and whose answer is in
/// memory is served before <see cref="ServeAsync"/> returns, without a timer, a waiting task or another thread.
/// </summary>
/// <param name="answer">Answers a request.</param>
/// <param name="time">The clock of the limits.</param>
/// <param name="seesOurFiles">Whether the client at the other end means the same files as we do by their names.</param>
internal sealed class FrameServer(
    Func<Request, CancellationToken, Task<Reply>> answer, TimeProvider time, Predicate<Stream>? seesOurFiles = null)
{
    /// <summary>For the whole of a request or of an answer, however slowly it dribbles.</summary>
    public static readonly TimeSpan TransferLimit = TimeSpan.FromSeconds(2);

    /// <summary>Room for the largest frame, for each thread. Pinned, since what passes through it is secret; wiped each time.</summary>
    [ThreadStatic]
    private static byte[]? t_room;

    /// <summary>The limits of those who have not sent their request yet, who came first in front.</summary>
    private readonly LinkedList<CancellationTokenSource> _silent = new();

    private static Span<byte> Room => t_room ??= GC.AllocateUninitializedArray<byte>(Frame.HeaderLength + Frame.MaxBody, pinned: true);

    /// <summary>Reads and answers. Never throws for anything that a client may do. The connection stays open.</summary>
    /// <param name="connection">The client's.</param>
    /// <param name="abandoning">Fires when the daemon can wait no longer.</param>
    public async Task<Served> ServeAsync(Stream connection, CancellationToken abandoning)
    {
        try
        {
            byte[] begun = [];
            Heard? heard = connection is ClientSocket socket ? HearAtOnce(socket, out begun) : null;
            heard ??= await HearAsync(connection, begun);
            return heard switch
            {
                null or { Frame.Type: >= (FrameType)0x80 } => Served.NoFrame,
                { Frame.Type: FrameType.Leave, AsksToStop: var asks } => asks ? Served.Shutdown : Served.Answered,
                { Frame: { Version: not Frame.CurrentVersion } frame } =>
                    await SendBuildAsync(connection, FrameType.OtherVersion, frame.RequestId, Frame.CurrentVersion, Served.OtherVersion),
                { Frame: { Type: not FrameType.Request } frame } =>
                    await RefuseAsync(connection, frame, $"unknown frame type {(int)frame.Type}"),
                { Frame: var frame, Request: { } request } => await AnswerAsync(connection, frame, request, abandoning),
                { Frame: var frame } => await RefuseAsync(connection, frame, "malformed request"),
            };
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return Served.Broken;
        }
    }

    /// <summary>
    /// Lets go of the client that has been silent for longest. A flood of those who connect and say nothing would otherwise take every
    /// place for two seconds each, and keep everybody else waiting.
    /// </summary>
    public void DropOldestSilent()
    {
        CancellationTokenSource? oldest;
        lock (_silent)
        {
            oldest = _silent.First?.Value;
            if (oldest is not null)
            {
                _silent.RemoveFirst();
            }
        }

        try
        {
            oldest?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It spoke at the last moment.
        }
    }

    /// <summary>The request, if all of it is there; what is there of it otherwise.</summary>
    private static Heard? HearAtOnce(ClientSocket socket, out byte[] begun)
    {
        Span<byte> room = Room;
        int length = socket.TryRead(room);
        if (length < 0)
        {
            socket.WaitBriefly();
            length = socket.TryRead(room);
        }

        ReadOnlySpan<byte> there = room[..Math.Max(0, length)];
        try
        {
            begun = [];
            if (Frame.TryRead(there, out Frame frame) && there.Length - Frame.HeaderLength >= frame.Length)
            {
                return Heard.Of(frame, there.Slice(Frame.HeaderLength, frame.Length));
            }

            begun = Pinned(there);
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(room[..there.Length]);
        }
    }

    /// <summary>The request as it comes; null when it is none, or does not end.</summary>
    private async Task<Heard?> HearAsync(Stream connection, byte[] begun)
    {
        using var limit = Limit();
        LinkedListNode<CancellationTokenSource> silent;
        lock (_silent)
        {
            silent = _silent.AddLast(limit);
        }

        byte[] header = new byte[Frame.HeaderLength], body = [];
        try
        {
            if (!await FillAsync(connection, header, begun, limit.Token) || !Frame.TryRead(header, out Frame frame))
            {
                return null;
            }

            // Pinned, since requests carry the caller's keys and docker's "store" a secret.
            body = GC.AllocateUninitializedArray<byte>(frame.Length, pinned: true);
            Memory<byte> ofBody = begun.AsMemory(Math.Min(begun.Length, header.Length));
            return await FillAsync(connection, body, ofBody, limit.Token) ? Heard.Of(frame, body) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
            CryptographicOperations.ZeroMemory(begun);
            lock (_silent)
            {
                silent.List?.Remove(silent);
            }
        }
    }

    /// <summary>First what was read already, then what comes.</summary>
    private static async Task<bool> FillAsync(
        Stream connection, Memory<byte> whole, ReadOnlyMemory<byte> begun, CancellationToken cancellationToken)
    {
        int have = Math.Min(begun.Length, whole.Length);
        begun[..have].CopyTo(whole);
        Memory<byte> rest = whole[have..];
        return await connection.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken) == rest.Length;
    }

    private async Task<Served> AnswerAsync(Stream connection, Frame frame, Request request, CancellationToken abandoning)
    {
        using var gone = new CancellationTokenSource();
        try
        {
            if (request.NamesFiles && seesOurFiles?.Invoke(connection) == false)
            {
                return await SendBuildAsync(
                    connection, FrameType.SentBack, frame.RequestId, Frame.SentBackVersion, Served.SentBack);
            }

            request.Process = (connection as ClientSocket)?.Process ?? 0;
            Task<Reply> answering = answer(request, gone.Token);
            if (!answering.IsCompleted)
            {
                await WatchAsync(connection, answering, gone, abandoning);
            }

            await WriteAsync(connection, await answering, frame.RequestId);
            return Served.Answered;
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested && !abandoning.IsCancellationRequested)
        {
            return Served.Disconnected;
        }
        catch (IOException)
        {
            return Served.Disconnected;
        }
        finally
        {
            request.Dispose();
        }
    }

    /// <summary>Waits for the answer. What nobody but this client waits for ends when the client disconnects.</summary>
    private static async Task WatchAsync(
        Stream connection, Task<Reply> answering, CancellationTokenSource gone, CancellationToken abandoning)
    {
        using var answered = new CancellationTokenSource();
        using CancellationTokenRegistration either =
            abandoning.UnsafeRegister(static gone => ((CancellationTokenSource)gone!).Cancel(), gone);
        Task watching = NoticeDisconnectAsync(connection, gone, answered.Token);
        await ((Task)answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await answered.CancelAsync();
        await watching;
    }

    private static async Task NoticeDisconnectAsync(Stream connection, CancellationTokenSource gone, CancellationToken answered)
    {
        int more;
        try
        {
            // Nothing follows a request, so that reading ends with the client; what does follow is for nobody.
            more = await connection.ReadAsync(new byte[1], answered);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            more = 0;
        }

        if (more == 0 && connection is not IHalfCloses { HasLeft: false })
        {
            await gone.CancelAsync();
        }
    }

    /// <summary>Tells the client of our build, and why it gets no answer.</summary>
    private async Task<Served> SendBuildAsync(Stream connection, FrameType type, ulong requestId, byte version, Served served)
    {
        using var limit = Limit();
        await connection.WriteAsync(Frame.Join(type, requestId, Encoding.UTF8.GetBytes(Build.Current), version), limit.Token);
        return served;
    }

    private async Task<Served> RefuseAsync(Stream connection, Frame frame, string reason)
    {
        var refusal = new Reply(1, Encoding.UTF8.GetBytes($"{reason}\n"), Encoding.UTF8.GetBytes($"ark: error: {reason}\n"), Build.Current);
        await WriteAsync(connection, refusal, frame.RequestId);
        return Served.NoFrame;
    }

    private async Task WriteAsync(Stream connection, Reply reply, ulong requestId)
    {
        try
        {
            IEnumerable<byte[]> frames = reply.ToFrames(requestId);
            if (connection is ClientSocket socket && reply.FitsOneFrame)
            {
                if (WriteAtOnce(socket, reply, requestId) is not { } rest)
                {
                    return;
                }

                frames = [rest];
            }

            using var limit = Limit();
            foreach (byte[] part in frames)
            {
                try
                {
                    await connection.WriteAsync(part, limit.Token);
                }
                finally
                {
                    CryptographicOperations.ZeroMemory(part);
                }
            }
        }
        finally
        {
            reply.Wipe();
            GiveBackMemoryOf(reply);
        }
    }

    /// <summary>
    /// A status of ten thousand keys leaves ten megabytes behind that the next may not come to use for hours, so they are given back at
    /// once. It takes some hundredths of a second.
    /// </summary>
    private static void GiveBackMemoryOf(Reply reply)
    {
        if (reply.IsLarge)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    /// <summary>Null when all of it went out, else the rest.</summary>
    private static byte[]? WriteAtOnce(ClientSocket socket, Reply reply, ulong requestId)
    {
        Span<byte> room = Room;
        int length = reply.WriteFrame(room, requestId);
        try
        {
            int written = Math.Max(0, socket.TryWrite(room[..length]));
            return written == length ? null : Pinned(room[written..length]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(room[..length]);
        }
    }

    private static byte[] Pinned(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(copy);
        return copy;
    }

    private CancellationTokenSource Limit() => new(TransferLimit, time);

    /// <summary>What a client sent.</summary>
    private sealed record Heard(Frame Frame, Request? Request, bool AsksToStop)
    {
        public static Heard Of(Frame frame, ReadOnlySpan<byte> body) => new(
            frame,
            frame is { Type: FrameType.Request, Version: Frame.CurrentVersion } ? Request.Parse(body) : null,
            frame.Type == FrameType.Leave && ShutdownRequest.IsFor(body));
    }
}

/// <summary>How a connection ended.</summary>
internal enum Served
{
    Answered,

    /// <summary>The client asks the daemon to stop; the connection stays open until it has.</summary>
    Shutdown,

    OtherVersion,

    /// <summary>The client disconnected before its answer.</summary>
    Disconnected,

    /// <summary>The client sees other files than we do, and answers itself.</summary>
    SentBack,

    /// <summary>What came was no request.</summary>
    NoFrame,

    /// <summary>The client took too long, or broke off.</summary>
    Broken,
}
