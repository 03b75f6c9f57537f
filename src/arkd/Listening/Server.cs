using System.Collections.Concurrent;
using Ark.Daemon.Logging;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Listening;

/// <summary>
/// Accepts clients and serves them, as far as possible in the thread that accepts. Nothing that a client does ends it: not a broken
/// connection, not a foreign user, not running out of descriptors.
/// </summary>
/// <param name="listener">Where clients come from.</param>
/// <param name="frames">Serves a connection.</param>
/// <param name="most">How many connections are served at once; the others wait in the system's queue.</param>
/// <param name="time">The clock of every rest and limit.</param>
/// <param name="faults">Where failures to accept are counted.</param>
/// <param name="log">Where connections that came to nothing are told.</param>
internal sealed class Server(Listener listener, FrameServer frames, int most, TimeProvider time, Faults faults, ILogger log) : IDisposable
{
    /// <summary>How long a thread rests when accepting fails, so that a shortage of descriptors does not become a busy loop.</summary>
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Task, bool> _open = new();
    private readonly TaskCompletionSource<string> _shutdownAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _places = new(most);
    private readonly ConcurrentBag<Stream> _heldOpen = [];
    private readonly CancellationTokenSource _abandoning = new();

    /// <summary>Completes when a client asks the daemon to stop.</summary>
    public Task<string> ShutdownAsked => _shutdownAsked.Task;

    /// <summary>
    /// Accepts until <paramref name="stopping"/>; answers under way go on and can be awaited by <see cref="DrainAsync"/>.
    /// </summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(Enumerable.Range(0, listener.Acceptors).Select(_ =>
        Task.Factory.StartNew(() => Run(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

    /// <summary>Waits for the answers under way, but not for ever; those that take too long are broken off.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        await Task.WhenAll(_open.Keys).WaitAsync(limit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abandoning.CancelAsync();
    }

    public void Dispose()
    {
        _places.Dispose();
        _abandoning.Dispose();
    }

    private void Run(CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                TakePlace(stopping);
                if (Accept(stopping) is { } connection)
                {
                    Serve(connection);
                }
                else
                {
                    _places.Release();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    private void TakePlace(CancellationToken stopping)
    {
        if (!_places.Wait(0, CancellationToken.None))
        {
            frames.DropOldestSilent();
            _places.Wait(stopping);
        }
    }

    private Stream? Accept(CancellationToken stopping)
    {
        try
        {
            return listener.Accept(stopping);
        }
#pragma warning disable CA1031 // Whatever it was: a daemon that accepts nobody any more would hold its place against a new one.
        catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            faults.Add("accepting a connection", e);
            Task.Delay(RestAfterFailure, time, stopping).GetAwaiter().GetResult();
            return null;
        }
    }

    private void Serve(Stream connection)
    {
        Task<Served> serving = frames.ServeAsync(connection, _abandoning.Token);
        if (serving.IsCompletedSuccessfully)
        {
            End(connection, serving.Result);
            return;
        }

        Task ending = EndAsync(connection, serving);
        _open[ending] = true;
        _ = ending.ContinueWith(done => _open.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task EndAsync(Stream connection, Task<Served> serving)
    {
        Served served = Served.Broken;
        try
        {
            served = await serving;
        }
        finally
        {
            End(connection, served);
        }
    }

    private void End(Stream connection, Served served)
    {
        if (served == Served.Shutdown)
        {
            // Held until the process ends, which closes it: whoever asked then knows that lock, socket and process are gone.
            _heldOpen.Add(connection);

            _shutdownAsked.TrySetResult("a client asked it to stop");
        }
        else
        {
            connection.Dispose();
        }

        switch (served)
        {
            case Served.Disconnected:
                log.ClientDisconnected();
                break;

            case Served.NoFrame or Served.Broken:
                log.BadConnection(served.ToString());
                break;
        }

        _places.Release();
    }
}
