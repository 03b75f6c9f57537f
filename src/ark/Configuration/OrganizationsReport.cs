using System.Text.Json;
using System.Text.Json.Serialization;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Configuration;

/// <summary>The configuration as the daemon understands it. It holds no secret: of a source only its type and who asks.</summary>
internal sealed record OrganizationsReport
{
    /// <summary>Where the configuration is or would be.</summary>
    public string? File { get; init; }

    /// <summary>The configuration's own default.</summary>
    public string? DefaultOrganization { get; init; }

    /// <summary>The one that <c>ark use</c> chose.</summary>
    public string? Using { get; init; }

    public IReadOnlyList<Organization> Organizations { get; init; } = [];

    /// <summary>Asks the daemon.</summary>
    /// <exception cref="UserError">It could not be asked, or its answer is none.</exception>
    /// <exception cref="DaemonError">There is a configuration, but no good one.</exception>
    public static OrganizationsReport Ask(IDaemon daemon, Terminal terminal) => Parse(terminal.Answer(daemon, Verb.Organizations, []));

    /// <summary>Where the configuration is or is to be, whatever is in it.</summary>
    /// <exception cref="UserError">There is no such place, or the daemon could not be asked.</exception>
    /// <exception cref="DaemonError">The place that was set is none.</exception>
    public static string AskPlace(IDaemon daemon, Terminal terminal) => Parse(terminal.Answer(daemon, Verb.Organizations, "file"u8)).Place();

    public static OrganizationsReport Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, OrganizationsJson.Default.OrganizationsReport) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new UserError("the daemon's organizations cannot be read", "restart it with ark daemon restart");
        }
    }

    /// <summary>The organization of this name or id.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public Organization Find(string nameOrId) =>
        Organizations.FirstOrDefault(each => each.IsCalled(nameOrId))
            ?? throw new UserError($"the configuration has no organization \"{TextSanitizer.Line(nameOrId)}\"", "ark org list shows those it has");

    /// <summary>Where the configuration is or is to be.</summary>
    /// <exception cref="UserError">There is no such place.</exception>
    public string Place() =>
        File is { Length: > 0 } file && Path.IsPathFullyQualified(file)
            ? file
            : throw new UserError("there is no telling where the configuration is to be", "set HOME, or ARK_CONFIG to its absolute path");

    /// <summary>The one that answers where several could, when nothing else chooses; null when nothing does.</summary>
    public string? Chosen => Using ?? DefaultOrganization;
}

internal sealed record Organization
{
    public string? Id { get; init; }

    public required string Name { get; init; }

    public IReadOnlyList<ConfiguredRegistry> Registries { get; init; } = [];

    /// <summary>What stands in the column <c>Organization</c>: the id, which is a GUID, or the name where the configuration gives none.</summary>
    [JsonIgnore]
    public string Label => Id ?? Name;

    /// <summary>True for its name, and for its id in whichever case it was typed.</summary>
    public bool IsCalled(string nameOrId) => Name == nameOrId || (Id is not null && Id.Equals(nameOrId, StringComparison.OrdinalIgnoreCase));
}

internal sealed record ConfiguredRegistry
{
    public IReadOnlyList<string> Hosts { get; init; } = [];

    public string? RepositoryPrefix { get; init; }

    public required ConfiguredSource Source { get; init; }

    /// <summary>False where there are only patterns, which stand for registries that nobody knows before an image of theirs is asked for.</summary>
    [JsonIgnore]
    public bool HasHost => Hosts.Any(host => !host.Contains('*', StringComparison.Ordinal));
}

/// <summary>Where a registry's credentials come from.</summary>
internal sealed record ConfiguredSource
{
    /// <summary>The word of the configuration, such as <c>ecr</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Who asks, such as <c>profile tbd</c>.</summary>
    public string? Identity { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true)]
[JsonSerializable(typeof(OrganizationsReport))]
[JsonSerializable(typeof(Organization))]
internal sealed partial class OrganizationsJson : JsonSerializerContext;
