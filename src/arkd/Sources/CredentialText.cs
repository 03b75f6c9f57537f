using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;
using Ark.Core.Secrets;

namespace Ark.Daemon.Sources;

/// <summary>
/// Reads credentials as programs print them and files hold them. A byte order mark, which some editors write, is no part of them.
/// </summary>
internal static class CredentialText
{
    /// <summary>A number below this is a span in seconds, from here on it is a Unix time.</summary>
    private const long FirstUnixTime = 1_000_000_000;

    private const string NameOfSecret = "secret";

    public static bool IsJson(ReadOnlySpan<byte> text) => WithoutMark(text).TrimStart(" \t\r\n"u8).StartsWith("{"u8);

    /// <summary>The secret alone, without the line end behind it. Null when there is none, or when it is not UTF-8.</summary>
    public static Credential? OfText(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> secret = WithoutMark(text).TrimEnd("\r\n"u8);
        return secret.IsEmpty || !Utf8.IsValid(secret) ? null : new Credential(null, Pinned(secret));
    }

    /// <summary>
    /// JSON with <c>username</c>, <c>secret</c> and <c>expiresAt</c> (RFC 3339, Unix time, or seconds from now), in any case of letters;
    /// what else is in it is passed over. Null when it is not one object with each of those once, and a secret among them.
    /// </summary>
    public static Credential? OfJson(ReadOnlySpan<byte> json, DateTimeOffset now)
    {
        var reader = new Utf8JsonReader(WithoutMark(json), new JsonReaderOptions { MaxDepth = 16 });
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
            return complete ? new Credential(username, secret!, expiresAt) : null;
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

    /// <summary>Valid JSON that names no secret: a secret itself, as the keys of service accounts are.</summary>
    public static bool IsKeyFile(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(WithoutMark(json));
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1
                    && string.Equals(reader.GetString(), NameOfSecret, StringComparison.OrdinalIgnoreCase))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) =>
        text.StartsWith("\uFEFF"u8) ? text["\uFEFF"u8.Length..] : text;

    private static uint Member(string name) => name.ToLowerInvariant() switch
    {
        "username" => 1,
        NameOfSecret => 2,
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
            DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant) => instant,
        JsonTokenType.Number when reader.TryGetInt64(out long seconds) && seconds is >= 0 and < 253_402_300_800 =>
            seconds < FirstUnixTime ? now.AddSeconds(seconds) : DateTimeOffset.FromUnixTimeSeconds(seconds),
        _ => null,
    };
}
