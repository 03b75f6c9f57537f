using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Ark.Core.Map;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Daemon.Map;
using Ark.Wire;

namespace Ark.Daemon.Dispatching;

/// <summary>What people ask about the map: the hosts, the organisations, whether a file is sound, and which organisation to use.</summary>
internal sealed class MapVerbs(MapStores maps)
{
    private static readonly Problem NoPlace = new(ProblemKind.BadMap, "there is no home directory for a map file", "set ARK_CONFIG to the absolute path of one");

    public static Reply Hosts(Asked asked) => asked.Map switch
    {
        MapOutcome.Loaded(var map, _) => new Reply(0, Encoding.UTF8.GetBytes(string.Concat(map.Hosts.Select(host => $"{host}\n"))), [], Build.Current),
        MapOutcome.Invalid invalid => Replies.Failure(invalid.Problem),
        _ => throw new UnreachableException(),
    };

    public Reply Organizations(Asked asked)
    {
        if (!maps.PathFor(asked.Caller).Succeeded(out string? path, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        if (asked.Trimmed.SequenceEqual("file"u8))
        {
            return Replies.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteEndObject();
            });
        }

        return asked.Map switch
        {
            MapOutcome.Loaded loaded => Replies.Json(json => Write(json, path, loaded)),
            MapOutcome.Invalid invalid => Replies.Failure(invalid.Problem),
            _ => throw new UnreachableException(),
        };
    }

    public Reply Validate(Asked asked)
    {
        if (!maps.PathFor(asked.Caller).Succeeded(out string? path, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        string file = asked.Payload.IsEmpty ? path : Encoding.UTF8.GetString(asked.Payload);
        if (!File.Exists(file))
        {
            return Replies.Failure(new Problem(ProblemKind.BadMap, $"there is no map file {file}", "write one, or let `ark init` propose one"));
        }

        return maps.Validate(file) switch
        {
            MapOutcome.Loaded(var map, _) => Replies.Text(0, $"{file}: sound, {Count(map.Organizations.Count, "organization")}, {Count(map.Hosts.Count, "host")}"),
            MapOutcome.Invalid { Errors: [] } invalid => Replies.Failure(invalid.Problem),
            MapOutcome.Invalid invalid => Replies.Lines(
                1, invalid.Errors.Select(error => error.ToString()), $"ark: hint: {(file == path ? invalid.Problem.Hint : $"the map in force is another: {path}")}"),
            _ => throw new UnreachableException(),
        };
    }

    public Reply Use(Asked asked)
    {
        if (!maps.PathFor(asked.Caller).Succeeded(out string? path, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        if (path.Length == 0)
        {
            return Replies.Failure(NoPlace);
        }

        if (asked.Map is MapOutcome.Invalid invalid)
        {
            return Replies.Failure(invalid.Problem);
        }

        string wanted = Encoding.UTF8.GetString(asked.Trimmed);
        OrganizationMap map = ((MapOutcome.Loaded)asked.Map).Map;
        Organization? chosen = map.FindOrganization(wanted);
        if (wanted.Length > 0 && chosen is null)
        {
            return Replies.Failure(new Problem(
                ProblemKind.BadConfiguration, $"\"{wanted}\" is none of the map's organizations", "choose one of those that `ark org list` shows"));
        }

        try
        {
            new UsedOrganization(path).Write(chosen?.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Replies.Failure(new Problem(ProblemKind.BadConfiguration, $"the choice cannot be kept beside {path}: {e.GetType().Name}", $"look at the directory with: ls -ld {Path.GetDirectoryName(path)}"));
        }

        return Replies.Text(0, chosen is not null ? $"{chosen.Name} answers where several could" : "no organization is preferred any more");
    }

    private static void Write(Utf8JsonWriter json, string path, MapOutcome.Loaded loaded)
    {
        json.WriteStartObject();
        json.WriteString("file", path);
        json.WriteString("defaultOrganization", loaded.Map.DefaultOrganization);
        json.WriteString("using", loaded.Using);
        json.WriteString("chain", loaded.Map.Chain);
        json.WriteStartArray("organizations");
        foreach (Organization organization in loaded.Map.Organizations)
        {
            json.WriteStartObject();
            json.WriteString("id", organization.Id);
            json.WriteString("name", organization.Name);
            json.WriteStartArray("registries");
            foreach (Registry registry in organization.Registries)
            {
                Write(json, registry);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Registry registry)
    {
        json.WriteStartObject();
        json.WriteStartArray("hosts");
        foreach (string host in registry.Hosts)
        {
            json.WriteStringValue(host);
        }

        json.WriteEndArray();
        json.WriteString("repositoryPrefix", registry.RepositoryPrefix);
        json.WriteStartObject("source");
        json.WriteString("type", registry.Type);
        json.WriteString("identity", registry.Source is { } source ? Identity(source) : "by host");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Who asks and where, in a few words. Arguments of commands are left out: some write secrets into them.</summary>
    private static string Identity(RegistrySource source) => source switch
    {
        EcrSource ecr => $"{(ecr.Profile is { } profile ? $"profile {profile}" : "keys")}{(ecr.Role is { } role ? $", {role.Arn}{Limit(role)}" : "")}",
        HelperSource helper => $"docker-credential-{helper.Program}",
        CommandSource command => command.Arguments[0],
        StaticSource { Username: { } username } => username,
        StaticSource => "stored",
        OAuthSource oauth => oauth.Url,
        _ => throw new UnreachableException(),
    };

    private static string Limit(AssumedRole role) => role.Scope is { } scope ? $" limited to {(scope.Rights == ScopeRights.Push ? "push" : "pull")}" : "";

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
