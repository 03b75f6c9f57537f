namespace Ark.Core.Tokens;

/// <summary>One look at the time: what the wall clock says, and how long the process has certainly lived.</summary>
/// <param name="Wall">The wall clock, for people and for what AWS says. It may jump either way between two looks.</param>
/// <param name="Age">Time since the start, from <see cref="AgeClock"/>. Everything that must not be cheated is measured on it.</param>
internal readonly record struct ClockReading(DateTimeOffset Wall, TimeSpan Age);

/// <summary>
/// A clock that runs at least as fast as the wall clock and as the monotonic clock, whichever moved more since the last look.
/// The monotonic clock stands still while a machine sleeps, and the wall clock can be set back; a token that ages by this clock
/// lives at most as long as it really does. Setting the clock forward ages everything at once, which costs a fetch, never a wrong
/// answer. The one thing that it cannot see is a wall clock set back between two looks while the machine slept between them too.
/// </summary>
internal sealed class AgeClock(TimeProvider time)
{
    // The two clocks cannot be read at one instant. Adding up the larger step of every look would add that error each time, so that
    // the clock would run fast under load; steps are therefore taken from one origin, which moves once a second or after a jump.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // Replaced as a whole, so that looking needs no lock: every request looks twice.
    private volatile Origin _origin = new(time.GetUtcNow(), time.GetTimestamp(), TimeSpan.Zero);

    public ClockReading Now()
    {
        ClockReading reading = Read(_origin, out Origin next, out bool isPast);
        if (!isPast)
        {
            return reading;
        }

        lock (_lock)
        {
            // Another thread may have moved the origin meanwhile, and two steps from one would lose one of them.
            reading = Read(_origin, out next, out isPast);
            if (isPast)
            {
                _origin = next;
            }

            return reading;
        }
    }

    private ClockReading Read(Origin from, out Origin next, out bool isPast)
    {
        DateTimeOffset wall = time.GetUtcNow();
        long stamp = time.GetTimestamp();
        TimeSpan byWall = wall - from.Wall;
        TimeSpan byStamp = time.GetElapsedTime(from.Stamp, stamp);
        TimeSpan passed = byWall > byStamp ? byWall : byStamp;
        isPast = passed >= Step || byStamp - byWall >= Step;
        TimeSpan age = from.Age + passed;
        next = isPast ? new Origin(wall, stamp, age) : from;
        return new ClockReading(wall, age);
    }

    private sealed record Origin(DateTimeOffset Wall, long Stamp, TimeSpan Age);
}
