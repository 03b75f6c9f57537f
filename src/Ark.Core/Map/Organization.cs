using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Core.Map;

/// <summary>One organisation of the map, as it was written.</summary>
/// <param name="Name">Lower-case letters, digits and hyphens.</param>
/// <param name="Id">A GUID in lower case, or null.</param>
/// <param name="Registries">In the order of the file.</param>
public sealed record Organization(string Name, string? Id, IReadOnlyList<Registry> Registries);

/// <summary>Where an organisation's repositories are.</summary>
/// <param name="Hosts">The canonical hosts and patterns, in the order of the file.</param>
/// <param name="RepositoryPrefix">The path below which the repositories are, without slashes at the ends; empty for the whole registry.</param>
/// <param name="Source">Where the credentials of the first host come from; null when all of them are patterns.</param>
/// <param name="Refresh">When they are renewed.</param>
public sealed record Registry(IReadOnlyList<string> Hosts, string RepositoryPrefix, RegistrySource? Source, RefreshPolicy Refresh);
