using System.Text.Json;

namespace Ark.Daemon.Dispatching;

/// <summary>What docker sends to <c>store</c>. The secret in it is never even decoded, members that we do not know are passed over.</summary>
internal sealed record StoreRequest(string? Server, string? Username)
{
    /// <summary>Null when it is not one flat JSON object with each property once.</summary>
    public static StoreRequest? Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        string? server = null;
        string? username = null;
        bool secret = false;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                // Keys in any case, as Go's decoder reads them.
                string name = reader.GetString()!;
                bool known = name.Equals("ServerURL", StringComparison.OrdinalIgnoreCase)
                    || name.Equals("Username", StringComparison.OrdinalIgnoreCase)
                    || name.Equals("Secret", StringComparison.OrdinalIgnoreCase);
                if (!reader.Read() || (known && reader.TokenType != JsonTokenType.String))
                {
                    return null;
                }

                if (!known)
                {
                    reader.Skip();
                }
                else if (name.Equals("ServerURL", StringComparison.OrdinalIgnoreCase) && server is null)
                {
                    server = reader.GetString();
                }
                else if (name.Equals("Username", StringComparison.OrdinalIgnoreCase) && username is null)
                {
                    username = reader.GetString();
                }
                else if (name.Equals("Secret", StringComparison.OrdinalIgnoreCase) && !secret)
                {
                    secret = true;
                }
                else
                {
                    return null;
                }
            }

            // What follows the object is read too, so that trailing garbage is refused.
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? new StoreRequest(server, username) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is the reader's word for half a surrogate pair.
            return null;
        }
    }
}
