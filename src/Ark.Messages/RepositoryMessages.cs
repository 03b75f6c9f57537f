using System.Text.Json.Serialization;

namespace Ark.Messages;

/// <summary>The payload of the verbs for repositories. What a verb does not use is absent, and what is unknown is refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RepositoryRequest
{
    /// <summary>
    /// The organization's name or id; null where the registry in the name, the caller's choice, <c>ark use</c>, the configuration's default or
    /// there being only one decides.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Organization { get; init; }

    /// <summary>The repository's name below the organization's prefix; or its registry and its whole path, as images are named.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>The registry, by one of its hosts; null for the organization's first of ECR.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Host { get; init; }

    /// <summary>The registry to list, by its place in the configuration; null for the organization's first of ECR.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Registry { get; init; }

    /// <summary>What the page before gave; null for the first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NextToken { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IfNotExists { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Force { get; init; }
}

/// <summary>Some of an organization's repositories.</summary>
public sealed record RepositoryPage
{
    public required IReadOnlyList<RepositoryEntry> Repositories { get; init; }

    /// <summary>By which the next page is asked for; null on the last.</summary>
    public string? NextToken { get; init; }
}

/// <summary>A repository.</summary>
public sealed record RepositoryEntry
{
    /// <summary>The name of its organization.</summary>
    public required string Organization { get; init; }

    /// <summary>The id of its organization, if it has one.</summary>
    public string? Id { get; init; }

    /// <summary>Where it is pushed to: host and path, no scheme, no tag.</summary>
    public required string Url { get; init; }
}
