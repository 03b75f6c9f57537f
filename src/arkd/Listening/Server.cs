using System.Collections.Concurrent;
using Ark.Daemon.Logging;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Listening;

/// <summary>
/// The accept loop. Nothing that a client does ends it: not a broken connection, not a foreign user, not running out of descriptors.
/// </summary>
/// <param name="listener">The door.</param>
/// <param name="frames">Serves a connection.</param>
/// <param name="most">How many connections are served at once; the others wait in the system's queue.</param>
/// <param name="time">The clock of every rest and limit.</param>
/// <param name="faults">Where failures to accept are counted.</param>
/// <param name="log">Where connections without a request are told.</param>
internal sealed class Server(Listener listener, FrameServer frames, int most, TimeProvider time, Faults faults, ILogger log) : IDisposable
{
    /// <summary>How long the loop rests when accepting fails, so that a shortage of descriptors does not become a busy loop.</summary>
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Task, bool> _open = new();
    private readonly TaskCompletionSource<string> _leaveAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _slots = new(most);
    private readonly ConcurrentBag<Stream> _leavers = [];
    private readonly CancellationTokenSource _abandoning = new();
    private long _refused;

    /// <summary>Completes when a client asks the daemon to leave.</summary>
    public Task<string> ShutdownAsked => _leaveAsked.Task;

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

            Task serving = ServeAsync(connection);
            _open[serving] = true;
            _ = serving.ContinueWith(done => _open.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    /// <summary>Waits for the answers under way, but not for ever; those that take too long are broken off.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        await Task.WhenAll(_open.Keys).WaitAsync(limit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abandoning.CancelAsync();
    }

    public void Dispose()
    {
        _slots.Dispose();
        _abandoning.Dispose();
    }

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
#pragma warning disable CA1031 // Whatever it was: a daemon that accepts nobody any more would hold its place against a new one.
        catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            faults.Add("accepting a connection", e);
            await Task.Delay(RestAfterFailure, time, stopping);
            return null;
        }
    }

    private async Task ServeAsync(Stream connection)
    {
        // Off the accept loop at once: a request that is there already would otherwise be served by it.
        await Task.Yield();

        Served served = Served.Broken;
        try
        {
            served = await frames.ServeAsync(connection, _abandoning.Token);
        }
        finally
        {
            await EndAsync(connection, served);
        }
    }

    private async Task EndAsync(Stream connection, Served served)
    {
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
            log.BadConnection(served.ToString());
        }

        _slots.Release();
    }
}
