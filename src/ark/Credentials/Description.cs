using System.Text.Json;
using System.Text.Json.Serialization;
using Ark.Cli.Output;

namespace Ark.Cli.Credentials;

/// <summary>An image reference in its parts, with the credentials for it if ark has any. It may hold a secret and never shows itself.</summary>
internal sealed record Description
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

    public required string? Secret { get; init; }

    /// <summary>Null for a secret that does not expire, as far as anybody knows.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The credentials by themselves, or null.</summary>
    [JsonIgnore]
    public RegistryLogin? Login => (Username, Secret) is ({ } username, { } secret) ? new RegistryLogin(Host, username, secret, ExpiresAt) : null;

    /// <exception cref="UserError">It is no description.</exception>
    public static Description Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, DescriptionJson.Default.Description) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            // The serializer's own message may quote what it stumbled over.
            throw new UserError("the daemon's credentials cannot be read", "restart it with ark daemon restart");
        }
    }

    public override string ToString() => $"an image on {Host}";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Description))]
internal sealed partial class DescriptionJson : JsonSerializerContext;
