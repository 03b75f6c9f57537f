namespace Ark.Client;

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
