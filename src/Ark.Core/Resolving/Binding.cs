using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Core.Resolving;

/// <summary>The resolver's answer for a host of ours: which organization, which source, which refresh rules.</summary>
/// <param name="Host">The canonical host that was asked for.</param>
/// <param name="Organization">The organization's name, or null when the host is served without a configuration entry.</param>
/// <param name="RepositoryPrefix">The path below which the organization's repositories are, without slashes at the ends; empty for the whole registry.</param>
/// <param name="Source">Where its token comes from.</param>
/// <param name="Refresh">Its refresh rules.</param>
public sealed record Binding(string Host, string? Organization, string RepositoryPrefix, RegistrySource Source, RefreshPolicy Refresh);
