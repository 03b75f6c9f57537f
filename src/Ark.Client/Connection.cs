namespace Ark.Client;

/// <summary>An open line to a daemon: a socket on Unix, a pipe on Windows. Blocking, one thread, every call bounded.</summary>
internal abstract class Connection : IDisposable
{
    /// <summary>Why it is closed, where more is known than that it is.</summary>
    public virtual Ending? Ending => null;

    /// <summary>Sends all of it by one write.</summary>
    public abstract Transfer Write(ReadOnlySpan<byte> bytes, Deadline deadline);

    /// <summary>Fills all of <paramref name="bytes"/>.</summary>
    public abstract Transfer Read(Span<byte> bytes, Deadline deadline);

    public abstract void Dispose();
}

/// <summary>How a read or write ended.</summary>
internal enum Transfer
{
    Done,
    Closed,
    TimedOut,
}

/// <summary>Why a connection ended before its answer.</summary>
/// <param name="Reason">What to tell.</param>
/// <param name="MayRetry">Whether another daemon could do better.</param>
internal sealed record Ending(ConnectResult.Refused Reason, bool MayRetry);

/// <summary>What knocking at the daemon's door came to; each case leads to a different act.</summary>
internal abstract record ConnectResult
{
    private ConnectResult()
    {
    }

    public sealed record Connected(Connection Connection) : ConnectResult;

    /// <summary>Nobody listens: no socket, or one that its owner left behind.</summary>
    public sealed record Absent : ConnectResult;

    /// <summary>Somebody listens but has no time for us yet.</summary>
    public sealed record Busy : ConnectResult;

    /// <summary>Nobody can be asked, or somebody listens who must not learn what we would say.</summary>
    public sealed record Refused(string Message, string Hint) : ConnectResult;
}

/// <summary>The one moment at which a whole call gives up, whatever it is doing then.</summary>
internal readonly struct Deadline(TimeProvider time, TimeSpan allowed)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>What is left, never negative.</summary>
    public TimeSpan Remaining
    {
        get
        {
            TimeSpan left = allowed - time.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public bool Passed => Remaining == TimeSpan.Zero;

    /// <summary>For calls that take milliseconds; rounded up, so that it is zero only when the deadline has passed.</summary>
    public int RemainingMilliseconds => (int)Math.Ceiling(Remaining.TotalMilliseconds);

    /// <summary>A deadline no later than this one.</summary>
    public Deadline AtMost(TimeSpan span) => new(time, span < Remaining ? span : Remaining);
}
