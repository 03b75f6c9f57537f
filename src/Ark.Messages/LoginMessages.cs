using System.Text.Json.Serialization;

namespace Ark.Messages;

/// <summary>
/// The payload of <c>ark login</c>, of which each step is a request of its own. Without a profile it asks whose login is meant; with one it
/// begins a login; with an attempt it asks whether the person is done in the browser; with a code it ends one that needed it.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LoginRequest
{
    /// <summary>The organization's name or id, whose profiles are the owner's own; null for the caller's profile.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Organization { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Profile { get; init; }

    /// <summary>What <see cref="LoginStep.Attempt"/> said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Attempt { get; init; }

    /// <summary>The digits that an MFA device shows. They are good once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>Never the code.</summary>
    public override string ToString() => $"login of {Profile ?? Organization}";
}

/// <summary>Whose login is meant.</summary>
/// <param name="Organization">The organization's name; null where none is meant.</param>
/// <param name="Profiles">Its profiles, each once; or the caller's.</param>
public sealed record LoginTargets(string? Organization, IReadOnlyList<string> Profiles);

/// <summary>What is to be done next for one profile, or that it is done.</summary>
public sealed record LoginStep
{
    /// <summary>
    /// <c>browser</c>: the person opens <see cref="Url"/>, and <c>ark</c> asks again every <see cref="Seconds"/>; <c>waiting</c>: not yet;
    /// <c>code</c>: the digits of <see cref="Device"/> are needed; <c>command</c>: another program logs in; <c>done</c>: signed in;
    /// <c>nothing</c>: this profile needs no login.
    /// </summary>
    public required string State { get; init; }

    /// <summary>What came of it, or who signs in where, for people.</summary>
    public string? Text { get; init; }

    /// <summary>The number by which the login that has begun is asked for.</summary>
    public string? Attempt { get; init; }

    /// <summary>The page to open, an https address.</summary>
    public string? Url { get; init; }

    /// <summary>What the page shows, to be compared.</summary>
    public string? UserCode { get; init; }

    /// <summary>How long to wait before asking again.</summary>
    public int Seconds { get; init; }

    /// <summary>The MFA device, as the profile names it.</summary>
    public string? Device { get; init; }

    /// <summary>Until when the page waits, or the login is good.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The program that logs in, with its arguments.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];
}
