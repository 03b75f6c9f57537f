using Ark.Core.Repositories;
using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Core.Configuration;

/// <summary>One organization of the configuration, as it was written.</summary>
/// <param name="Name">Lower-case letters, digits and hyphens.</param>
/// <param name="Id">A GUID in lower case, or null.</param>
/// <param name="Registries">In the order of the file.</param>
public sealed record Organization(string Name, string? Id, IReadOnlyList<Registry> Registries);

/// <summary>Where an organization's repositories are: one registry, by whatever names.</summary>
/// <param name="Hosts">The canonical hosts and patterns, in the order of the file; the first is the one that people are shown.</param>
/// <param name="RepositoryPrefix">The path below which the repositories are, without slashes at the ends; empty for the whole registry.</param>
/// <param name="Source">Where the credentials of the first host come from; null where there are only patterns.</param>
/// <param name="Refresh">When they are renewed.</param>
/// <param name="Defaults">What its new repositories are like.</param>
public sealed record Registry(
    IReadOnlyList<string> Hosts, string RepositoryPrefix, RegistrySource? Source, RefreshPolicy Refresh, RepositoryDefaults Defaults)
{
    /// <summary>The kind of its source; hosts that are only known by pattern are ECR's.</summary>
    public string Type => Source?.Type ?? "ecr";
}
