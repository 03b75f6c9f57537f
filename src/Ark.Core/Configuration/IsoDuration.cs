using System.Globalization;

namespace Ark.Core.Configuration;

/// <summary>ISO 8601 durations of days and below, in whole numbers: <c>PT5M</c>, <c>P1DT12H</c>.</summary>
internal static class IsoDuration
{
    /// <summary>What is read, for editors.</summary>
    public const string Pattern = "^P(?!$)([0-9]{1,4}D)?(T(?=[0-9])([0-9]{1,4}H)?([0-9]{1,4}M)?([0-9]{1,4}S)?)?$";

    private const string Units = "DHMS";

    private static readonly long[] Ticks = [TimeSpan.TicksPerDay, TimeSpan.TicksPerHour, TimeSpan.TicksPerMinute, TimeSpan.TicksPerSecond];

    /// <summary>Each unit at most once, in the standard's order, with at most four digits. Null for anything else.</summary>
    public static TimeSpan? Parse(ReadOnlySpan<char> text)
    {
        if (text is not ['P', .. var rest])
        {
            return null;
        }

        long ticks = 0;
        int next = 0;
        bool isTime = false;
        bool any = false;
        while (!rest.IsEmpty)
        {
            if (rest[0] == 'T' && !isTime)
            {
                (isTime, any, next) = (true, false, 1);
                rest = rest[1..];
                continue;
            }

            int digits = rest.IndexOfAnyExceptInRange('0', '9');
            int unit = digits is >= 1 and <= 4 ? Units.IndexOf(rest[digits], StringComparison.Ordinal) : -1;
            if (unit < next || unit > 0 != isTime)
            {
                return null;
            }

            ticks += int.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture) * Ticks[unit];
            (any, next) = (true, unit + 1);
            rest = rest[(digits + 1)..];
        }

        return any ? new TimeSpan(ticks) : null;
    }
}
