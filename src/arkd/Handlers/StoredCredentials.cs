using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ark.Daemon.Handlers;

/// <summary>
/// What docker sends to <c>store</c>. The secret in it is never even decoded, members that we do not know are passed over.
/// </summary>
/// <param name="Server">The server that the credentials are for, or null.</param>
/// <param name="ServerAt">Where the server stands in the JSON, with its quotes.</param>
/// <param name="Username">Whose they are, or null.</param>
internal sealed record StoredCredentials(string? Server, Range ServerAt, string? Username)
{
    /// <summary>
    /// The JSON that this was read from, for another server and else the same to the byte. In pinned memory, for the caller to wipe.
    /// </summary>
    public byte[] For(string server, ReadOnlySpan<byte> json)
    {
        var encoded = JsonEncodedText.Encode(server, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        ReadOnlySpan<byte> written = [(byte)'"', .. encoded.EncodedUtf8Bytes, (byte)'"'];
        ReadOnlySpan<byte> before = json[..ServerAt.Start], behind = json[ServerAt.End..];
        byte[] whole = GC.AllocateUninitializedArray<byte>(before.Length + written.Length + behind.Length, pinned: true);
        before.CopyTo(whole);
        written.CopyTo(whole.AsSpan(before.Length));
        behind.CopyTo(whole.AsSpan(before.Length + written.Length));
        return whole;
    }

    /// <summary>Null when it is not one flat JSON object with each property once.</summary>
    public static StoredCredentials? Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        string? server = null;
        Range serverAt = default;
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
                    serverAt = (int)reader.TokenStartIndex..(int)reader.BytesConsumed;
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
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? new StoredCredentials(server, serverAt, username) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is the reader's word for half a surrogate pair.
            return null;
        }
    }
}
