using Ark.Core.Repositories;
using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Core.Map;

/// <summary>One organisation of the map.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="Id">Its GUID, or null.</param>
/// <param name="Registries">Its registries, in the order of the file.</param>
public sealed record Organization(string Name, string? Id, IReadOnlyList<Registry> Registries);

/// <summary>One registry of an organisation.</summary>
/// <param name="Hosts">The canonical hosts under which it is reached, at least one; the first is the one that people are shown.</param>
/// <param name="RepositoryPrefix">The path below which the organisation's repositories are, without slashes at the ends; empty for the whole registry.</param>
/// <param name="Source">Where its credentials come from.</param>
/// <param name="Refresh">Its refresh rules.</param>
/// <param name="Defaults">What its new repositories are like.</param>
public sealed record Registry(
    IReadOnlyList<string> Hosts, string RepositoryPrefix, RegistrySource Source, RefreshPolicy Refresh, RepositoryDefaults Defaults);
