using Ark.Testing;

namespace Ark.Tests.Aws;

/// <summary>
/// Shows the real time of its making, because signatures are made by it; pauses between attempts are over at once, and limits end
/// when a test moves the clock. A patient one leaves the pauses to the test as well.
/// </summary>
internal sealed class ImpatientClock : TimeProvider
{
    /// <summary>What is longer is a limit.</summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(5);

    public ManualClock Limits { get; } = new(DateTimeOffset.UtcNow);

    public bool IsPatient { get; set; }

    public override long TimestampFrequency => Limits.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => Limits.GetUtcNow();

    public override long GetTimestamp() => Limits.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        !IsPatient && dueTime >= TimeSpan.Zero && dueTime <= LongestPause
            ? System.CreateTimer(callback, state, TimeSpan.Zero, period)
            : Limits.CreateTimer(callback, state, dueTime, period);
}
