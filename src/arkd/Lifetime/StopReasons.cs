using System.Runtime.InteropServices;
using Ark.Daemon.Listening;

namespace Ark.Daemon.Lifetime;

/// <summary>The signals that end the daemon in order: SIGTERM, SIGINT, SIGQUIT and SIGHUP, and their like on Windows.</summary>
internal sealed class Signals : IDisposable
{
    private readonly TaskCompletionSource<string> _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _registrations;

    public Signals()
    {
        PosixSignal[] all = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP];
        _registrations = Array.ConvertAll(all, signal => PosixSignalRegistration.Create(signal, Receive));
    }

    /// <summary>Completes with the signal's name.</summary>
    public Task<string> Received => _received.Task;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Receive(PosixSignalContext context)
    {
        // Without this the system would end the process here and now, with the socket left behind.
        context.Cancel = true;
        _received.TrySetResult(context.Signal.ToString());
    }
}

/// <summary>
/// Is the socket still ours, and has anybody asked for anything lately. It has no clock of its own: somebody looks once a minute.
/// </summary>
internal sealed class Watch(Listener listener, Func<TimeSpan> idle, Func<TimeSpan> idleExit)
{
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason when the daemon should stop.</summary>
    public Task<string> Ended => _ended.Task;

    public void Look()
    {
        if (!listener.IsStillOurs())
        {
            _ended.TrySetResult("the socket is no longer ours");
        }
        else if (idleExit() is { Ticks: > 0 } limit && idle() >= limit)
        {
            _ended.TrySetResult("idle");
        }
    }
}
