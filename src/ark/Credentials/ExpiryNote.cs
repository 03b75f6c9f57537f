using System.Globalization;
using Ark.Cli.Output;

namespace Ark.Cli.Credentials;

/// <summary>Says until when a copy of a password is good: nothing renews it where it goes.</summary>
internal static class ExpiryNote
{
    public static string For(string what, DateTimeOffset? expiresAt, DateTimeOffset now) => expiresAt is { } at
        ? $"{what} is good until {Instant(at)}, for another {Lifetime.Words(at - now)}"
        : $"{what} says nothing about when it expires";

    /// <summary>The instant as every log and script writes it, in UTC to the second.</summary>
    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
