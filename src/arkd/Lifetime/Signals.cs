using System.Runtime.InteropServices;

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
