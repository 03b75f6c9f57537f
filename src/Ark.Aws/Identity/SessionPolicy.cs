using System.Buffers;
using System.Text;
using System.Text.Json;
using Ark.Core.Sources;

namespace Ark.Aws.Identity;

/// <summary>
/// The policy that limits the session of a role, and so every token that it gets, to the repositories of one organization. It takes
/// rights away and never gives any: the role must have them.
/// </summary>
internal static class SessionPolicy
{
    /// <summary>What AWS takes as plain text. The longest prefix stays well below it.</summary>
    public const int MaxLength = 2048;

    // The last one fills a pull-through cache, which to whoever pulls is a pull.
    private static readonly string[] Pull =
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage"];

    private static readonly string[] Push =
        [.. Pull, "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"];

    /// <summary>The policy as compact JSON.</summary>
    public static string For(RepositoryScope scope, string partition, string region)
    {
        string below = scope.RepositoryPrefix.Length == 0 ? "*" : $"{scope.RepositoryPrefix}/*";
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("Version", "2012-10-17");
            json.WriteStartArray("Statement");
            Allow(json, ["ecr:GetAuthorizationToken"], "*");
            string resource = $"arn:{partition}:ecr:{region}:{scope.AccountId}:repository/{below}";
            Allow(json, scope.Rights == ScopeRights.Push ? Push : Pull, resource);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Allow(Utf8JsonWriter json, string[] actions, string resource)
    {
        json.WriteStartObject();
        json.WriteString("Effect", "Allow");
        json.WriteStartArray("Action");
        foreach (string action in actions)
        {
            json.WriteStringValue(action);
        }

        json.WriteEndArray();
        json.WriteString("Resource", resource);
        json.WriteEndObject();
    }
}
