using System.Globalization;

namespace Ark.Cli.Output;

/// <summary>Until when something is valid, in words.</summary>
internal static class Lifetime
{
    /// <summary>The two largest units that say something.</summary>
    public static string Words(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{span.Days} d {span.Hours} h",
        { TotalHours: >= 1 } => $"{span.Hours} h {span.Minutes} min",
        { TotalMinutes: >= 1 } => $"{span.Minutes} min {span.Seconds} s",
        _ => $"{Math.Max(0, span.Seconds)} s",
    };

    /// <summary>When a copy of a password expires; nothing renews it where it goes.</summary>
    public static string Expiry(DateTimeOffset? expiresAt, DateTimeOffset now) =>
        expiresAt is { } at ? $"expires at {Instant(at)}, in {Words(at - now)}" : "has no known expiry";

    /// <summary>The instant as every log and script writes it, in UTC to the second.</summary>
    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
