namespace Ark.Messages;

/// <summary>Asks who answers for a registry.</summary>
/// <param name="Registry">A host or an image reference, as a person wrote it.</param>
/// <param name="Organization">The organization that is to answer, by name or id; null leaves it to the caller's own choice.</param>
public sealed record ExplainRequest(string Registry, string? Organization = null);

/// <summary>Who answers for a registry, and why. No token is asked for.</summary>
public sealed record RegistryExplanation
{
    /// <summary>The canonical host; null for what is no registry address.</summary>
    public string? Host { get; init; }

    /// <summary>
    /// <c>served</c>; <c>not-served</c>, when clients go on without ark; <c>ambiguous</c>, when several organizations could answer;
    /// <c>stopped</c>, when the configuration or the choice between organizations stands in the way.
    /// </summary>
    public required string State { get; init; }

    /// <summary>Who answers; null where the caller's own AWS settings do.</summary>
    public string? Organization { get; init; }

    /// <summary>What all repositories of the organization begin with; null or empty for the whole registry.</summary>
    public string? RepositoryPrefix { get; init; }

    /// <summary>Where the credentials come from; null unless it is served.</summary>
    public SourceEntry? Source { get; init; }

    /// <summary>
    /// What decided: <c>executable</c> (its name), <c>ARK_ORGANIZATION</c>, <c>repository-prefix</c>, <c>only-organization</c>,
    /// <c>one-identity</c> (all share one), <c>ark-use</c>, <c>default-organization</c>, or <c>caller</c>, for a registry that the
    /// configuration does not name. Null unless it is served.
    /// </summary>
    public string? DecidedBy { get; init; }

    /// <summary>The organizations that the configuration has for the host.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];

    /// <summary>Why it is not served, or nobody is chosen; null where silence is right, as for a registry that is nobody's business here.</summary>
    public string? Reason { get; init; }

    /// <summary>What stands in the way.</summary>
    public ProblemEntry? Problem { get; init; }

    /// <summary>The helper that answers for what is not served; null where there is none.</summary>
    public string? FallbackHelper { get; init; }
}
