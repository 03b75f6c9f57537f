using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ark.Cli.Credentials;

/// <summary>A docker configuration that holds copies of passwords, for places that cannot ask a helper.</summary>
internal sealed record DockerAuths(IReadOnlyDictionary<string, DockerAuth> Auths)
{
    /// <summary>The bytes of a <c>config.json</c>. Docker Hub goes by its URL, everything else by its bare host.</summary>
    public static byte[] Of(IEnumerable<(string Key, RegistryLogin Login)> copies) => JsonSerializer.SerializeToUtf8Bytes(
        new DockerAuths(copies.ToDictionary(
            copy => copy.Key,
            copy => new DockerAuth(
                copy.Login.Username,
                copy.Login.Secret,
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"{copy.Login.Username}:{copy.Login.Secret}"))))),
        DockerAuthsJson.Default.DockerAuths);
}

internal sealed record DockerAuth(string Username, string Password, string Auth)
{
    public override string ToString() => $"credentials of {Username}";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(DockerAuths))]
internal sealed partial class DockerAuthsJson : JsonSerializerContext;
