using System.Text.Json;

namespace Ark.Aws.Sdk;

/// <summary>Members of an AWS answer: absent and null are alike, another type than promised is an <see
/// cref="InvalidOperationException"/>.</summary>
internal static class JsonElements
{
    private static readonly double LastSecond = (DateTime.MaxValue - DateTime.UnixEpoch).TotalSeconds - 1;

    public static string? OptionalString(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    /// <summary>Epoch seconds with a fraction, as JSON services write time. Out of range ends at the range's ends.</summary>
    public static DateTime? OptionalInstant(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? DateTime.UnixEpoch.AddSeconds(Math.Clamp(value.GetDouble(), 0, LastSecond))
            : null;
}
