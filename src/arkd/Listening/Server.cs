using System.Collections.Concurrent;
using System.Net.Sockets;
using Ark.Daemon.Logging;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Listening;

/// <summary>
/// The accept loop. Nothing that a client does ends it: not a broken connection, not a foreign user, not running out of descriptors.
/// </summary>
internal sealed class Server(Listener listener, FrameServer frames, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>Connections served at once; the others wait in the system's queue.</summary>
    private const int MaxConnections = 1024;

    /// <summary>How long the loop rests when accepting fails, so that a shortage of descriptors does not become a busy loop.</summary>
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Task, bool> _open = new();
    private readonly TaskCompletionSource<string> _leaveAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _slots = new(MaxConnections);
    private readonly ConcurrentBag<Stream> _leavers = [];
    private long _refused;

    /// <summary>Completes when a client asks the daemon to leave.</summary>
    public Task<string> LeaveAsked => _leaveAsked.Task;

    /// <summary>Connections that carried no request of ours.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Accepts until <paramref name="stopping"/>; answers under way go on and can be awaited by <see cref="DrainAsync"/>.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await _slots.WaitAsync(stopping);
            Stream? connection = await AcceptAsync(stopping);
            if (connection is null)
            {
                _slots.Release();
                continue;
            }

            Task serving = ServeAsync(connection, stopping);
            _open[serving] = true;
            _ = serving.ContinueWith(done => _open.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    /// <summary>Waits for the answers under way, but not for ever.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        Task all = Task.WhenAll(_open.Keys);
        await Task.WhenAny(all, Task.Delay(limit, time));
    }

    public void Dispose() => _slots.Dispose();

    private async Task<Stream?> AcceptAsync(CancellationToken stopping)
    {
        try
        {
            Stream? connection = await listener.AcceptAsync(stopping);
            if (connection is null)
            {
                Interlocked.Increment(ref _refused);
            }

            return connection;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            log.AcceptFailed(e.GetType().Name);
            await Task.Delay(RestAfterFailure, time, stopping);
            return null;
        }
    }

    private async Task ServeAsync(Stream connection, CancellationToken stopping)
    {
        // Off the accept loop at once: a request that is there already would otherwise be served by it.
        await Task.Yield();

        Served served = await frames.ServeAsync(connection, stopping);
        if (served == Served.Leave)
        {
            // Held until the process ends, which closes it: whoever asked then knows that lock, socket and process are gone.
            _leavers.Add(connection);

            _leaveAsked.TrySetResult("asked to leave");
        }
        else
        {
            await connection.DisposeAsync();
        }

        if (served is Served.NoFrame or Served.Broken)
        {
            Interlocked.Increment(ref _refused);
            log.BadConnection(served);
        }

        _slots.Release();
    }
}
