using System.Globalization;
using System.Text.Json;

namespace Ark.Aws.Credentials;

/// <summary>Members of the JSON files and outputs that AWS's tools exchange; anything but the type that is asked for counts as
/// absent.</summary>
internal static class CredentialJson
{
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    /// <summary>An instant as AWS's tools have written it over the years: RFC 3339, or with <c>UTC</c> for <c>Z</c>.</summary>
    public static DateTimeOffset? Instant(this JsonElement element, string name) =>
        element.Text(name) is { } text &&
        DateTimeOffset.TryParse(
            text.Replace("UTC", "Z", StringComparison.Ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant)
            ? instant
            : null;
}
