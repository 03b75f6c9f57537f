namespace Ark.Core.Tokens;

/// <summary>
/// A clock that runs at least as fast as the wall clock and as the monotonic clock, whichever moved more since the last look.
/// The monotonic clock stands still while a machine sleeps, and the wall clock can be set back; a token that ages by this clock
/// lives at most as long as it really does. Setting the clock forward ages everything at once, which costs a fetch, never a wrong
/// answer. The one thing that it cannot see is a wall clock set back between two looks while the machine slept between them too.
/// </summary>
internal sealed class AgeClock(TimeProvider time)
{
    // The two clocks cannot be read at one instant. Adding up the larger step of every look would add that error each time, so that
    // the clock would run fast under load; steps are therefore taken from one base, which moves once a second or after a jump.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private DateTimeOffset _baseWall = time.GetUtcNow();
    private long _baseStamp = time.GetTimestamp();
    private TimeSpan _baseAge;

    public Moment Now()
    {
        lock (_lock)
        {
            DateTimeOffset wall = time.GetUtcNow();
            long stamp = time.GetTimestamp();
            TimeSpan byWall = wall - _baseWall;
            TimeSpan byStamp = time.GetElapsedTime(_baseStamp, stamp);
            TimeSpan passed = byWall > byStamp ? byWall : byStamp;
            TimeSpan age = _baseAge + passed;
            if (passed >= Step || byStamp - byWall >= Step)
            {
                (_baseWall, _baseStamp, _baseAge) = (wall, stamp, age);
            }

            return new Moment(wall, age);
        }
    }
}
