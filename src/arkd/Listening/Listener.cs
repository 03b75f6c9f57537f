using Ark.Wire;

namespace Ark.Daemon.Listening;

/// <summary>A socket on Unix, a named pipe on Windows. Whoever holds it is the daemon of this user.</summary>
internal abstract class Listener : IDisposable
{
    /// <summary>How many threads may accept at the same time.</summary>
    public virtual int Acceptors => 1;

    /// <summary>
    /// Waits for the next connection of this user; others are turned away. Returns null when there was nobody to serve this
    /// time.
    /// </summary>
    public abstract Stream? Accept(CancellationToken cancellationToken);

    /// <summary>Tells a client that has started us that requests will be answered from now on.</summary>
    public virtual void TellReady()
    {
    }

    /// <summary>
    /// False when the address is no longer ours: removed by a cleaner, or taken by another daemon. Nobody can reach us then.
    /// </summary>
    public abstract bool IsStillOurs();

    /// <summary>Closes the address and removes it, unless it is somebody else's by now. Connections go on.</summary>
    public abstract void Dispose();

    /// <summary>Takes the address of this user.</summary>
    public static ListenResult Open(DaemonAddress.Found address, Func<string, string?> environment) =>
        OperatingSystem.IsWindows() ? PipeListener.Open(address) : SocketListener.Open(address, environment);
}

/// <summary>What trying to become the daemon came to.</summary>
internal abstract record ListenResult
{
    private ListenResult()
    {
    }

    internal sealed record Listening(Listener Listener) : ListenResult;

    /// <summary>Another daemon serves this user already.</summary>
    internal sealed record AlreadyRunning : ListenResult;

    /// <param name="Message">What is in the way, one line.</param>
    /// <param name="Hint">The command that repairs it.</param>
    internal sealed record Refused(string Message, string Hint) : ListenResult;
}
