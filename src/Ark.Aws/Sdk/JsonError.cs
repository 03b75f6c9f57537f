using System.Text.Json;

namespace Ark.Aws.Sdk;

/// <summary>The error body of a JSON service: <c>{"__type":"prefix#Code","message":"…"}</c>.</summary>
internal static class JsonError
{
    /// <summary>Code and message, each null when the body does not say; a body that is no JSON at all says nothing.</summary>
    public static (string? Code, string? Message) Read(Stream body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? (CodeOf(Text(root, "__type") ?? Text(root, "code")), Text(root, "message") ?? Text(root, "Message"))
                : (null, null);
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    /// <summary>The bare code of <c>namespace#Code</c> or <c>Code:http://…</c>.</summary>
    public static string? CodeOf(string? type)
    {
        if (type is null)
        {
            return null;
        }

        string code = type[(type.LastIndexOf('#') + 1)..];
        int colon = code.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? code : code[..colon];
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
