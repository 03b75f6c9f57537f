using System.Text.Json;

namespace Ark.Aws.Sdk;

/// <summary>Members of an AWS answer: absent and null are alike, another type than promised is an <see
/// cref="InvalidOperationException"/>.</summary>
internal static class JsonElements
{
    private static readonly double LastSecond = (DateTime.MaxValue - DateTime.UnixEpoch).TotalSeconds - 1;

    public static string? OptionalString(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    /// <summary>A list that must be there. Not with LINQ, which is compiled once more for every value type.</summary>
    public static List<T> RequiredList<T>(this JsonElement element, string name, Func<JsonElement, T> read)
        where T : class
    {
        List<T> items = [];
        foreach (JsonElement item in element.GetProperty(name).EnumerateArray())
        {
            items.Add(read(item));
        }

        return items;
    }

    /// <summary>Epoch seconds with a fraction, as JSON services write time. Out of range ends at the range's ends.</summary>
    public static DateTime? OptionalInstant(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? DateTime.UnixEpoch.AddSeconds(Math.Clamp(value.GetDouble(), 0, LastSecond))
            : null;
}
