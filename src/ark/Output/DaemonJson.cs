using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Ark.Cli.Output;

/// <summary>Reads what the daemon sends.</summary>
internal static class DaemonJson
{
    /// <param name="json">Its bytes.</param>
    /// <param name="type">Which message it is.</param>
    /// <param name="what">What it is called where people see it.</param>
    /// <exception cref="UserError">It is no such message.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            // The serializer's own message may quote what it stumbled over.
            throw new UserError($"the daemon's {what} cannot be read", "restart it with ark daemon restart");
        }
    }
}
