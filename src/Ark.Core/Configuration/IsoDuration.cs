namespace Ark.Core.Configuration;

/// <summary>ISO 8601 durations of days and below, in whole numbers: <c>PT5M</c>, <c>P1DT12H</c>.</summary>
internal static class IsoDuration
{
    private static readonly (char Unit, long Ticks)[] DateUnits = [('D', TimeSpan.TicksPerDay)];

    private static readonly (char Unit, long Ticks)[] TimeUnits =
        [('H', TimeSpan.TicksPerHour), ('M', TimeSpan.TicksPerMinute), ('S', TimeSpan.TicksPerSecond)];

    public static TimeSpan? Parse(ReadOnlySpan<char> text)
    {
        if (text is not ['P', .. { Length: > 0 } fields])
        {
            return null;
        }

        int t = fields.IndexOf('T');
        if (t < 0)
        {
            return Sum(fields, DateUnits);
        }

        long dateTicks = 0;
        if (t > 0)
        {
            if (Sum(fields[..t], DateUnits) is not { } date)
            {
                return null;
            }

            dateTicks = date.Ticks;
        }

        return Sum(fields[(t + 1)..], TimeUnits) is { } time ? new TimeSpan(dateTicks + time.Ticks) : null;
    }

    /// <summary>One field or more; each unit once at most, in the standard's order; four digits at most: no sum overflows.</summary>
    private static TimeSpan? Sum(ReadOnlySpan<char> fields, ReadOnlySpan<(char Unit, long Ticks)> units)
    {
        if (fields.IsEmpty)
        {
            return null;
        }

        long ticks = 0;
        foreach ((char unit, long unitTicks) in units)
        {
            int digits = fields.IndexOfAnyExceptInRange('0', '9');
            if (digits is not (>= 1 and <= 4) || fields[digits] != unit)
            {
                continue;
            }

            long number = 0;
            foreach (char digit in fields[..digits])
            {
                number = (number * 10) + (digit - '0');
            }

            ticks += number * unitTicks;
            fields = fields[(digits + 1)..];
        }

        return fields.IsEmpty ? new TimeSpan(ticks) : null;
    }
}
