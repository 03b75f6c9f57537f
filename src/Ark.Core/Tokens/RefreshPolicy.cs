namespace Ark.Core.Tokens;

/// <summary>When a token is renewed and how little of its life may be left when it is handed out.</summary>
/// <param name="At">Share of the life after which it is renewed, between 0 and 1.</param>
/// <param name="MinRemaining">A token with less left than this is not handed out, unless a fetch was tried and failed.</param>
public sealed record RefreshPolicy(double At, TimeSpan MinRemaining)
{
    /// <summary>Half life, five minutes.</summary>
    public static RefreshPolicy Default { get; } = new(0.5, TimeSpan.FromMinutes(5));

    /// <summary>
    /// Kept to the very end and never renewed ahead: for a secret that does not expire and is only kept for a while. At twice its life,
    /// so that no jitter puts the renewal before the end.
    /// </summary>
    public static RefreshPolicy ToTheEnd { get; } = new(2, TimeSpan.Zero);

    /// <summary>Not kept: fetched anew for everybody who asks.</summary>
    public static RefreshPolicy Unkept { get; } = new(2, TimeSpan.Zero) { IsKept = false };

    /// <summary>Whether one fetch may serve more than the one who asked for it.</summary>
    public bool IsKept { get; private init; } = true;

    /// <summary>What may be left at the very least when a fetch was tried and failed: a fifth of <see cref="MinRemaining"/>.</summary>
    public TimeSpan Floor => MinRemaining / 5;
}
