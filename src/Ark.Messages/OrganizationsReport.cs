using System.Text.Json.Serialization;

namespace Ark.Messages;

/// <summary>The configuration as the daemon understands it. It holds no secret: of a source only its type and who asks.</summary>
public sealed record OrganizationsReport
{
    /// <summary>Where the configuration is or would be.</summary>
    public string? File { get; init; }

    /// <summary>The configuration's own default.</summary>
    public string? DefaultOrganization { get; init; }

    /// <summary>The one that <c>ark use</c> chose.</summary>
    public string? Using { get; init; }

    /// <summary>The helper that answers for what is not ours.</summary>
    public string? FallbackHelper { get; init; }

    public IReadOnlyList<OrganizationEntry> Organizations { get; init; } = [];
}

/// <summary>Where the configuration is or would be, whatever is in it.</summary>
public sealed record ConfigurationPlace(string? File);

/// <summary>An organization of the configuration.</summary>
public sealed record OrganizationEntry
{
    public string? Id { get; init; }

    public required string Name { get; init; }

    public IReadOnlyList<RegistryEntry> Registries { get; init; } = [];
}

/// <summary>A registry of an organization. Its place in the list is the number by which its repositories are asked for.</summary>
public sealed record RegistryEntry
{
    public IReadOnlyList<string> Hosts { get; init; } = [];

    public string? RepositoryPrefix { get; init; }

    public required SourceEntry Source { get; init; }
}

/// <summary>Where a registry's credentials come from.</summary>
/// <param name="Type">The word of the configuration, such as <c>ecr</c>.</param>
/// <param name="Identity">Who asks, such as <c>profile tbd</c>.</param>
public sealed record SourceEntry(string Type, string? Identity = null);

/// <summary>What <c>ark use --json</c> prints.</summary>
/// <param name="Using">The organization that was chosen; null where none was.</param>
/// <param name="DefaultOrganization">The configuration's own default, or null.</param>
public sealed record ChoiceReport(string? Using, string? DefaultOrganization);

/// <summary>What <c>ark org validate --json</c> prints.</summary>
/// <param name="Valid">Whether the configuration can be used.</param>
/// <param name="Errors">Each with file, line and column.</param>
public sealed record ValidationReport(bool Valid, IReadOnlyList<string> Errors);

/// <summary>A configuration that <c>ark init</c> shows to a person, as it will be written.</summary>
public sealed record ProposedConfiguration(
    [property: JsonPropertyName("$schema")] string Schema, IReadOnlyList<ProposedOrganization> Organizations);

public sealed record ProposedOrganization(string Name, IReadOnlyList<ProposedRegistry> Registries);

public sealed record ProposedRegistry(IReadOnlyList<string> Hosts, ProposedSource Source);

public sealed record ProposedSource(
    string Type, string Profile, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Endpoint);
