using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;

namespace Ark.Daemon.Sources;

/// <summary>A secret as programs print it and files hold it. The bytes are in pinned memory, and whoever reads them wipes them.</summary>
/// <param name="Username">The user name beside it, or null.</param>
/// <param name="Secret">UTF-8; empty only where the JSON said so.</param>
/// <param name="ExpiresAt">When it ends, or null where nothing was said.</param>
internal sealed record PrintedSecret(string? Username, byte[] Secret, DateTimeOffset? ExpiresAt) : IDisposable
{
    /// <summary>A number below this is a span in seconds, from here on it is a Unix time.</summary>
    private const long FirstUnixTime = 1_000_000_000;

    /// <summary>
    /// Whether there are control characters in it, which no user name and no secret has. Only a secret may hold tabs and line ends: the keys
    /// of service accounts are JSON of several lines.
    /// </summary>
    public bool HasControls =>
        Username?.Any(char.IsControl) == true || Secret.Any(static b => b is 0x7F or (< 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r')));

    public static bool IsJson(ReadOnlySpan<byte> text) => text.TrimStart(" \t\r\n"u8).StartsWith("{"u8);

    /// <summary>The secret alone, without the line end behind it. Null when there is none, or when it is not UTF-8.</summary>
    public static PrintedSecret? OfText(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> secret = text.TrimEnd("\r\n"u8);
        return secret.IsEmpty || !Utf8.IsValid(secret) ? null : new PrintedSecret(null, Pinned(secret), null);
    }

    /// <summary>
    /// JSON with <c>username</c>, <c>secret</c> and <c>expiresAt</c> (RFC 3339, Unix time, or seconds from now), in any case of letters;
    /// what else is in it is passed over. Null when it is not one object with each of those once, and a secret among them.
    /// </summary>
    public static PrintedSecret? OfJson(ReadOnlySpan<byte> json, DateTimeOffset now)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 16 });
        string? username = null;
        byte[]? secret = null;
        DateTimeOffset? expiresAt = null;
        bool complete = false;
        try
        {
            uint seen = 0;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                uint member = Member(reader.GetString()!);
                reader.Read();
                if ((seen & member) != 0)
                {
                    return null;
                }

                seen |= member;
                switch (member)
                {
                    case 1 when reader.TokenType is JsonTokenType.String or JsonTokenType.Null:
                        username = reader.GetString() is { Length: > 0 } name ? name : null;
                        break;
                    case 2 when reader.TokenType == JsonTokenType.String:
                        secret = SecretOf(ref reader);
                        break;
                    case 4 when reader.TokenType == JsonTokenType.Null || Instant(ref reader, now) is not null:
                        expiresAt = Instant(ref reader, now);
                        break;
                    case 0:
                        reader.Skip();
                        break;
                    default:
                        return null;
                }
            }

            // What follows the object is read too, so that trailing garbage is refused.
            complete = reader.TokenType == JsonTokenType.EndObject && !reader.Read() && secret is not null;
            return complete ? new PrintedSecret(username, secret!, expiresAt) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is the reader's word for what is not UTF-8.
            return null;
        }
        finally
        {
            if (!complete)
            {
                CryptographicOperations.ZeroMemory(secret);
            }
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(Secret);

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"secret of {Username ?? "somebody"}";

    private static uint Member(string name) => name.ToLowerInvariant() switch
    {
        "username" => 1,
        "secret" => 2,
        "expiresat" => 4,
        _ => 0,
    };

    private static byte[] SecretOf(ref Utf8JsonReader reader)
    {
        byte[] unescaped = GC.AllocateUninitializedArray<byte>(reader.ValueSpan.Length, pinned: true);
        try
        {
            return Pinned(unescaped.AsSpan(0, reader.CopyString(unescaped)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(unescaped);
        }
    }

    private static byte[] Pinned(ReadOnlySpan<byte> secret)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(copy);
        return copy;
    }

    private static DateTimeOffset? Instant(ref Utf8JsonReader reader, DateTimeOffset now) => reader.TokenType switch
    {
        JsonTokenType.String when reader.GetString() is { Length: >= 20 } text && text[10] is 'T' or 't' &&
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant) => instant,
        JsonTokenType.Number when reader.TryGetInt64(out long seconds) && seconds is >= 0 and < 253_402_300_800 =>
            seconds < FirstUnixTime ? now.AddSeconds(seconds) : DateTimeOffset.FromUnixTimeSeconds(seconds),
        _ => null,
    };
}
