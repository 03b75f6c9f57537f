using System.Text.Json;
using Ark.Cli.Output;

namespace Ark.Cli.Kura;

/// <summary>A registry's password as the daemon describes it (<see cref="Wire.Verb.Describe"/>).</summary>
internal sealed record FreshPassword(string Host, string Secret, DateTimeOffset? ExpiresAt)
{
    /// <summary>Null where the description has no credentials: nobody of ours serves that registry.</summary>
    /// <exception cref="Refusal">It is no such description.</exception>
    public static FreshPassword? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var expiry = root.GetProperty("expiresAt"u8);
            var host = root.GetProperty("host"u8).GetString() ?? throw new JsonException();
            return root.GetProperty("secret"u8).GetString() is not { } secret ? null : new FreshPassword(
                host,
                secret,
                expiry.ValueKind == JsonValueKind.Null ? null : expiry.GetDateTimeOffset());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // Their messages may quote what they stumbled over.
            throw new Refusal("the daemon's credentials cannot be read", "restart it with ark daemon restart");
        }
    }

    public override string ToString() => $"the password for {Host}";
}
