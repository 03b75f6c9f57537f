namespace Ark.Cli.Output;

/// <summary>How long something still lives, in words.</summary>
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
}
