using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ark.Messages;

/// <summary>
/// An image reference in its parts, with the credentials for it if there are any. It may hold a secret and never shows itself.
/// </summary>
public sealed record ImageDescription
{
    /// <summary>The registry's host, with its port if it has one.</summary>
    public required string Host { get; init; }

    /// <summary>The path of the image on its host; null or empty where only a host was named.</summary>
    public string? Repository { get; init; }

    public string? Tag { get; init; }

    public string? Digest { get; init; }

    public string? Organization { get; init; }

    /// <summary>What all repositories of the organization begin with.</summary>
    public string? RepositoryPrefix { get; init; }

    /// <summary>Null, as the secret is, where there are no credentials.</summary>
    public required string? Username { get; init; }

    /// <summary>UTF-8, in bytes so that it can be wiped.</summary>
    [JsonConverter(typeof(SecretConverter))]
    public required byte[]? Secret { get; init; }

    /// <summary>Null for a secret that does not expire, as far as anybody knows.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    public override string ToString() => $"an image on {Host}";
}

/// <summary>A text whose UTF-8 is never made a string.</summary>
internal sealed class SecretConverter : JsonConverter<byte[]>
{
    public override byte[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException();
        }

        // Escaped it is longer than in plain bytes, never shorter.
        byte[] room = GC.AllocateArray<byte>(reader.ValueSpan.Length, pinned: true);
        int length = reader.CopyString(room);
        if (length == room.Length)
        {
            return room;
        }

        byte[] secret = GC.AllocateArray<byte>(length, pinned: true);
        room.AsSpan(0, length).CopyTo(secret);
        Array.Clear(room);
        return secret;
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
