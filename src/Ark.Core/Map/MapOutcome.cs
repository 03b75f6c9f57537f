using Ark.Core.Problems;

namespace Ark.Core.Map;

/// <summary>What <see cref="MapFile.Parse"/> made of a file: the whole map or none of it.</summary>
public abstract record MapOutcome
{
    private MapOutcome()
    {
    }

    /// <summary>The map is in force.</summary>
    /// <param name="Map">The map.</param>
    /// <param name="Using">The organisation that <c>ark use</c> chose, by name or id, or null. It may be one that the map no longer has.</param>
    public sealed record Loaded(OrganizationMap Map, string? Using = null) : MapOutcome;

    /// <summary>The map cannot be used, and nothing is served from it.</summary>
    /// <param name="Problem">The first error with its place, for whoever asked for a host meanwhile.</param>
    /// <param name="Errors">Every error that was found, at most 20, in the order of the file. Empty where the file was never read.</param>
    public sealed record Invalid(Problem Problem, IReadOnlyList<MapError> Errors) : MapOutcome;
}

/// <summary>One mistake in a map file.</summary>
/// <param name="Path">The file as the caller named it.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="Value">The offending value as it stands there, quoted, escaped and cut; empty where something is missing.</param>
/// <param name="Message">One line, lower case, no full stop, with the value in it.</param>
public sealed record MapError(string Path, int Line, int Column, string Value, string Message)
{
    /// <summary><c>file:line:column: message</c>, which editors and terminals turn into a link.</summary>
    public override string ToString() => $"{Path}:{Line}:{Column}: {Message}";
}
