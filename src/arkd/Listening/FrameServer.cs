using System.Security.Cryptography;
using System.Text;
using Ark.Wire;

namespace Ark.Daemon.Listening;

/// <summary>Serves one connection: one request in, one answer out, each under its own limit.</summary>
internal sealed class FrameServer(Func<Request, CancellationToken, Task<Reply>> answer, TimeProvider time)
{
    /// <summary>For the whole of a request or of an answer, however slowly it dribbles.</summary>
    public static readonly TimeSpan TransferLimit = TimeSpan.FromSeconds(2);

    /// <summary>Reads, answers and closes. Never throws for anything that a client may do.</summary>
    public async Task<Served> ServeAsync(Stream connection, CancellationToken abandoning)
    {
        try
        {
            return await ReadAsync(connection) switch
            {
                (null, _) => Served.NoFrame,
                ({ Type: FrameType.Leave }, var body) => ShutdownRequest.IsFor(body) ? Served.Leave : Served.Answered,
                ({ Version: not Frame.CurrentVersion } frame, _) => await OtherVersionAsync(connection, frame),
                ({ Type: FrameType.Request } frame, var body) => await AnswerAsync(connection, frame, body, abandoning),
                ({ Type: >= (FrameType)0x80 }, _) => Served.NoFrame,
                ({ } frame, _) => await RefuseAsync(connection, frame, $"unknown frame type {(int)frame.Type}"),
            };
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return Served.Broken;
        }
    }

    private async Task<(Frame? Frame, byte[] Body)> ReadAsync(Stream connection)
    {
        using var limit = Limit();
        byte[] header = new byte[Frame.HeaderLength];
        if (await connection.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, limit.Token) < header.Length
            || !Frame.TryRead(header, out Frame frame))
        {
            return (null, []);
        }

        // Pinned, since requests carry the caller's keys and docker's "store" a secret.
        byte[] body = GC.AllocateUninitializedArray<byte>(frame.Length, pinned: true);
        int length = 0;
        try
        {
            length = await connection.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, limit.Token);
            return length < body.Length ? (null, []) : (frame, body);
        }
        finally
        {
            if (length < body.Length)
            {
                CryptographicOperations.ZeroMemory(body);
            }
        }
    }

    private async Task<Served> AnswerAsync(Stream connection, Frame frame, byte[] body, CancellationToken abandoning)
    {
        using Request? request = Request.Parse(body);
        CryptographicOperations.ZeroMemory(body);
        if (request is null)
        {
            return await RefuseAsync(connection, frame, "malformed request");
        }

        Reply reply = await answer(request, abandoning);
        await WriteAsync(connection, reply, frame.RequestId);
        return Served.Answered;
    }

    private async Task<Served> OtherVersionAsync(Stream connection, Frame frame)
    {
        using var limit = Limit();
        await connection.WriteAsync(Frame.Join(FrameType.OtherVersion, frame.RequestId, Encoding.UTF8.GetBytes(Build.Current)), limit.Token);
        return Served.OtherVersion;
    }

    private async Task<Served> RefuseAsync(Stream connection, Frame frame, string reason)
    {
        await WriteAsync(connection, new Reply(1, Encoding.UTF8.GetBytes($"{reason}\n"), Encoding.UTF8.GetBytes($"ark: error: {reason}\n"), Build.Current), frame.RequestId);
        return Served.NoFrame;
    }

    private async Task WriteAsync(Stream connection, Reply reply, ulong requestId)
    {
        using var limit = Limit();
        try
        {
            foreach (byte[] part in reply.ToFrames(requestId))
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
            CryptographicOperations.ZeroMemory(reply.Stdout);
        }
    }

    private CancellationTokenSource Limit() => new(TransferLimit, time);
}

/// <summary>How a connection ended.</summary>
internal enum Served
{
    Answered,

    /// <summary>The client asks us to leave; the connection stays open until we have.</summary>
    Leave,

    OtherVersion,

    /// <summary>What came was no request.</summary>
    NoFrame,

    /// <summary>The client left or took too long.</summary>
    Broken,
}
