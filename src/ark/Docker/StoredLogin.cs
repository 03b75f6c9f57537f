using System.Text;
using System.Text.Json;
using Ark.Cli.Credentials;

namespace Ark.Cli.Docker;

/// <summary>A login that stands in a file of docker's or of another client's. It never holds the password.</summary>
/// <param name="Key">The key in <c>auths</c>, as it is written: a host, perhaps with a scheme, a port or a path.</param>
/// <param name="TokenEnd">When it ends, for a token of ECR, which says so itself; null for any other login.</param>
internal sealed record StoredLogin(string Key, DateTimeOffset? TokenEnd)
{
    public string Host => RegistryHost.OfKey(Key);

    /// <summary>Whether it is a token of ECR. Every other login may be somebody's only copy of a password.</summary>
    public bool IsEcrToken => TokenEnd is not null;

    public bool IsDead(DateTimeOffset now) => TokenEnd <= now;
}

/// <summary>
/// Tells ECR's authorization tokens from other passwords by what they are made of: the user is <c>AWS</c>, and the password is base64 of a
/// JSON object with <c>payload</c>, <c>datakey</c> and <c>expiration</c>.
/// </summary>
internal static class EcrToken
{
    private const string User = "AWS";

    /// <summary>When the token in an entry of <c>auths</c> ends; null where there is no token of ECR in it.</summary>
    public static DateTimeOffset? ExpiryOf(JsonNode login) =>
        (Text(login, "username"), Text(login, "password")) is (User, { } password) ? ExpiryOf(password)
        : Text(login, "auth") is { } auth && Decoded(auth) is { } pair && pair.StartsWith($"{User}:", StringComparison.Ordinal)
            ? ExpiryOf(pair[(User.Length + 1)..])
        : null;

    private static DateTimeOffset? ExpiryOf(string password)
    {
        if (Decoded(password) is not { } json)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } token
                && token.TryGetProperty("payload"u8, out _) && token.TryGetProperty("datakey"u8, out _)
                && token.TryGetProperty("expiration"u8, out JsonElement end) && end.ValueKind == JsonValueKind.Number
                && end.TryGetInt64(out long seconds) && seconds is > 0 and < 253402300800
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonNode login, string name) =>
        login.Members.LastOrDefault(member => name.Equals(member.Name, StringComparison.OrdinalIgnoreCase))?.Value.Text;

    private static string? Decoded(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
