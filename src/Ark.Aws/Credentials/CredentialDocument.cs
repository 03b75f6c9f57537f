using System.Text.Json;
using Ark.Aws.Calls;

namespace Ark.Aws.Credentials;

/// <summary>The JSON in which AWS's tools hand credentials to each other, or what is wrong with it.</summary>
internal abstract record CredentialDocument
{
    private CredentialDocument()
    {
    }

    public sealed record Good(AwsKeys Keys) : CredentialDocument;

    public sealed record NotJson : CredentialDocument;

    /// <summary>JSON, but not version 1 of the format, or without keys.</summary>
    public sealed record OtherFormat : CredentialDocument;

    public sealed record Expired(DateTimeOffset At) : CredentialDocument;

    public static CredentialDocument Read(ReadOnlyMemory<byte> json, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("Version", out JsonElement version) ||
                version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number != 1 ||
                AwsKeys.From(root.Text("AccessKeyId"), root.Secret("SecretAccessKey"), root.Secret("SessionToken")) is not { } keys)
            {
                return new OtherFormat();
            }

            if (root.Instant("Expiration") is { } expiration && expiration <= now)
            {
                keys.Dispose();
                return new Expired(expiration);
            }

            return new Good(keys);
        }
        catch (JsonException)
        {
            return new NotJson();
        }
    }
}
