using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ark.Daemon.Sources;

/// <summary>What a token endpoint answered.</summary>
/// <param name="Secret">The token in pinned memory, which is wiped when this is disposed of.</param>
/// <param name="Life">How long it lives, or null where the endpoint does not say.</param>
internal sealed record IssuedToken(byte[] Secret, TimeSpan? Life) : IDisposable
{
    private const int LongestCode = 40;

    private static readonly string[] UsualFields = ["access_token", "refresh_token", "token"];

    /// <summary>Whether there are control characters in it, which no token has.</summary>
    public bool HasControls => Secret.Any(static b => b is < 0x20 or 0x7F);

    /// <summary>Null when it is not a JSON object with such a token.</summary>
    /// <param name="json">The whole answer.</param>
    /// <param name="field">The property that holds the token, or null for the first of the usual ones.</param>
    public static IssuedToken? Of(ReadOnlyMemory<byte> json, string? field)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            foreach (string name in field is null ? UsualFields : [field])
            {
                if (Text(root, name) is { Length: > 0 } token)
                {
                    byte[] secret = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(token), pinned: true);
                    Encoding.UTF8.GetBytes(token, secret);
                    return new IssuedToken(secret, LifeOf(root));
                }
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// <c>error</c> of a refusal, where it is a code as OAuth has them (RFC 6749); otherwise empty. Nothing else is told: a description
    /// may repeat what was sent, in whatever form.
    /// </summary>
    public static string UserError(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && Text(root, "error") is { Length: <= LongestCode } code && code.All(static c => c is '_' or (>= 'a' and <= 'z'))
                ? code
                : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(Secret);

    /// <summary>Never the token.</summary>
    public override string ToString() => $"token for {Life}";

    /// <summary>A number of seconds, or, as some write it, its digits; what is neither, or no life at all, is as if nothing were said.</summary>
    private static TimeSpan? LifeOf(JsonElement root)
    {
        if (!root.TryGetProperty("expires_in", out JsonElement value))
        {
            return null;
        }

        double seconds = value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDouble(out double number) => number,
            JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) => number,
            _ => 0,
        };
        return seconds >= 1 ? TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.SecondsPerDay * 365)) : null;
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
