using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ark.Cli.Credentials;

namespace Ark.Cli.Docker;

/// <summary>A login that stands in a file of docker's or of another client's. It never holds the password.</summary>
/// <param name="Key">The key in <c>auths</c>, as it is written: a host, perhaps with a scheme, a port or a path.</param>
/// <param name="TokenEnd">When it ends, for a token of ECR, which says so itself; null for any other login.</param>
internal sealed record StoredLogin(string Key, DateTimeOffset? TokenEnd)
{
    /// <summary>The registry that it is for, in the one spelling that is compared.</summary>
    public string Host => RegistryHost.Registry(Key);

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
    private static ReadOnlySpan<byte> User => "AWS:"u8;

    /// <summary>What is secret in an entry of <c>auths</c>. docker leaves empty entries behind, in which nothing is.</summary>
    public static IEnumerable<(string Name, string Secret)> SecretsOf(JsonNode login) =>
        from member in login.Members
        let name = member.Name.ToLowerInvariant()
        where name is "auth" or "password" or "identitytoken" or "registrytoken" && member.Value.Text is { Length: > 0 }
        select (name, member.Value.Text);

    /// <summary>
    /// When the token in an entry of <c>auths</c> ends; null where it holds anything but a token of ECR, also beside one: which of them
    /// counts depends on the client.
    /// </summary>
    public static DateTimeOffset? ExpiryOf(JsonNode login)
    {
        List<DateTimeOffset?> ends =
        [
            .. from secret in SecretsOf(login)
               select secret.Name switch
               {
                   "auth" => OfUserAndPassword(secret.Secret),
                   "password" when IsOfAws(login) => OfPassword(secret.Secret),
                   "identitytoken" => OfPassword(secret.Secret),
                   _ => null,
               },
        ];
        return ends.Contains(null) ? null : ends.Max();
    }

    private static bool IsOfAws(JsonNode login) =>
        login.Members.LastOrDefault(member => "username".Equals(member.Name, StringComparison.OrdinalIgnoreCase))?.Value.Text == "AWS";

    private static DateTimeOffset? OfUserAndPassword(string auth)
    {
        byte[] pair = new byte[auth.Length];
        try
        {
            if (!Convert.TryFromBase64String(auth, pair, out int length) || !pair.AsSpan(0, length).StartsWith(User))
            {
                return null;
            }

            // docker pads with zeros.
            ReadOnlySpan<byte> password = pair.AsSpan(User.Length..length).TrimEnd((byte)0);
            return OfToken(password);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pair);
        }
    }

    private static DateTimeOffset? OfPassword(string password)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(password);
        try
        {
            return OfToken(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static DateTimeOffset? OfToken(ReadOnlySpan<byte> password)
    {
        byte[] json = new byte[Base64.GetMaxDecodedFromUtf8Length(password.Length)];
        try
        {
            return Base64.DecodeFromUtf8(password, json, out _, out int length) == OperationStatus.Done
                ? ExpirationIn(json.AsMemory(0, length))
                : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }

    private static DateTimeOffset? ExpirationIn(ReadOnlyMemory<byte> json)
    {
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
}
