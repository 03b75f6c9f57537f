using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>One organization that may answer for a host.</summary>
/// <param name="Organization">Its name.</param>
/// <param name="RepositoryPrefix">The path below which its repositories are; empty for the whole registry.</param>
/// <param name="Refresh">Its refresh rules.</param>
internal abstract record Candidate(string Organization, string RepositoryPrefix, RefreshPolicy Refresh)
{
    /// <summary>What it answers with; null where host and pattern do not fit.</summary>
    public Binding? For(RegistryReference registry) =>
        Source(registry) is { } source ? new Binding(registry.Host, Organization, RepositoryPrefix, source, Refresh) : null;

    protected abstract RegistrySource? Source(RegistryReference registry);

    /// <summary>For a host that is named in full.</summary>
    public sealed record Exact(string Organization, string RepositoryPrefix, RefreshPolicy Refresh, RegistrySource Always)
        : Candidate(Organization, RepositoryPrefix, Refresh)
    {
        protected override RegistrySource Source(RegistryReference registry) => Always;
    }

    /// <summary>For each host that a pattern covers.</summary>
    public sealed record ByPattern(string Organization, string RepositoryPrefix, RefreshPolicy Refresh, Func<RegistryReference, RegistrySource?> OfHost)
        : Candidate(Organization, RepositoryPrefix, Refresh)
    {
        protected override RegistrySource? Source(RegistryReference registry) => OfHost(registry);
    }
}
