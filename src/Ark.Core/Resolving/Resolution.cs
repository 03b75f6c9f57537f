using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire.Registries;

namespace Ark.Core.Resolving;

/// <summary>What the resolver found for one <c>get</c>.</summary>
public abstract record Resolution
{
    private Resolution()
    {
    }

    /// <summary>The client sent nothing, which the protocol answers with a sentence of its own.</summary>
    public sealed record Nothing : Resolution;

    /// <summary>Ours: serve it from this binding.</summary>
    public sealed record Found(Binding Binding) : Resolution
    {
        /// <summary>What chose it, for people who ask why.</summary>
        public required DecidedBy By { get; init; }
    }

    /// <summary>Not ours; the client goes on without us.</summary>
    /// <param name="Reason">One line for stderr when the input looked like a mistake, or null when silence is right.</param>
    public sealed record NotOurs(string? Reason) : Resolution;

    /// <summary>Ours, and nothing says whose identity to use: the request fails and lists the candidates.</summary>
    public sealed record Ambiguous(Problem Problem) : Resolution;

    /// <summary>Ours, but the configuration or the choice between organizations stands in the way.</summary>
    public sealed record Stopped(Problem Problem) : Resolution;
}

/// <summary>Which of the rules of decision 0009 chose who answers.</summary>
public enum DecidedBy
{
    /// <summary>The configuration does not name the registry: the caller's own AWS settings count.</summary>
    Caller,

    /// <summary>The name by which the helper was called.</summary>
    Executable,

    /// <summary><c>ARK_ORGANIZATION</c>.</summary>
    Variable,

    /// <summary>The longest prefix above the repository's path.</summary>
    RepositoryPrefix,

    /// <summary>One organization alone has the host.</summary>
    OnlyOrganization,

    /// <summary>All who have it are one identity.</summary>
    OneIdentity,

    /// <summary><c>ark use</c>.</summary>
    ArkUse,

    /// <summary>The configuration's <c>defaultOrganization</c>.</summary>
    DefaultOrganization,
}

/// <summary>The resolver's answer for a host of ours: which organization, which source, which refresh rules.</summary>
/// <param name="Host">The canonical host that was asked for.</param>
/// <param name="Organization">The organization's name, or null when the host is served without a configuration entry.</param>
/// <param name="RepositoryPrefix">
/// The path below which the organization's repositories are, without slashes at the ends; empty for the whole registry.
/// </param>
/// <param name="Source">Where its token comes from.</param>
/// <param name="Refresh">Its refresh rules.</param>
public sealed record Binding(string Host, string? Organization, string RepositoryPrefix, RegistrySource Source, RefreshPolicy Refresh)
{
    /// <summary>What a candidate answers with; null where host and pattern do not fit.</summary>
    internal static Binding? Of(Candidate candidate, RegistryReference registry) => candidate.SourceOf(registry) is { } source
        ? new Binding(registry.Host, candidate.Organization, candidate.RepositoryPrefix, source, candidate.Refresh)
        : null;
}
