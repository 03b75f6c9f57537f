using Ark.Core.Problems;

namespace Ark.Aws.Calls;

/// <summary>
/// What the <c>Date</c> of AWS's answers says of this machine's clock. One instance serves a whole daemon, from any thread. It explains
/// failures; signatures are corrected only by what AWS says when it refuses one.
/// </summary>
public sealed class AwsClock(TimeProvider time)
{
    /// <summary>AWS accepts five minutes. A clock that is on its way there is worth a word before anything fails.</summary>
    private static readonly TimeSpan WorthSaying = TimeSpan.FromMinutes(2);

    // A struct of 16 bytes would tear; of a class the reference is exchanged.
    private volatile Measured? _last;

    /// <summary>This machine's clock minus AWS's, by the last answer; null while there was none.</summary>
    public TimeSpan? Skew => _last?.Skew;

    /// <summary>The problem that the clock is, however well everything goes at the moment; null while it is near enough.</summary>
    public Problem? Problem => Difference is { } difference ? Skewed(difference) : null;

    /// <summary><c>this machine's clock is 7 minutes behind AWS's</c>; null while it is near enough.</summary>
    private string? Difference => _last is { Skew: var skew } && skew.Duration() >= WorthSaying
        ? $"this machine's clock is {Words(skew.Duration())} {(skew > TimeSpan.Zero ? "ahead of" : "behind")} AWS's"
        : null;

    public void Learn(DateTimeOffset theirs) => _last = new Measured(time.GetUtcNow() - theirs);

    /// <summary>What happened because of the clock, with the difference where it is known.</summary>
    public Problem Explain(string what) => Skewed(Difference is { } difference ? $"{what}: {difference}" : what);

    private static Problem Skewed(string message) => new(
        ProblemKind.ClockSkewed,
        message,
        $"set the clock: {(OperatingSystem.IsWindows() ? "w32tm /resync"
            : OperatingSystem.IsMacOS() ? "sudo sntp -sS time.apple.com"
            : "sudo timedatectl set-ntp true")} (AWS accepts five minutes of difference)");

    private static string Words(TimeSpan time) =>
        time < TimeSpan.FromHours(2) ? $"{time.TotalMinutes:0} minutes"
        : time < TimeSpan.FromDays(2) ? $"{time.TotalHours:0} hours"
        : $"{time.TotalDays:0} days";

    private sealed record Measured(TimeSpan Skew);
}
