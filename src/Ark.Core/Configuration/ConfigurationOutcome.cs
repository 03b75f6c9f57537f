using Ark.Core.Problems;

namespace Ark.Core.Configuration;

/// <summary>What <see cref="ConfigurationFile.Parse"/> made of a file: the whole configuration or none of it.</summary>
public abstract record ConfigurationOutcome
{
    private ConfigurationOutcome()
    {
    }

    /// <summary>The configuration is in force.</summary>
    /// <param name="Configuration">The configuration.</param>
    /// <param name="Using">What <c>ark use</c> chose, by name or id, or null. The configuration may no longer have it.</param>
    public sealed record Loaded(ArkConfiguration Configuration, string? Using = null) : ConfigurationOutcome;

    /// <summary>The configuration cannot be used, and nothing is served from it.</summary>
    /// <param name="Problem">The first error with its place, for whoever asked for a host meanwhile.</param>
    /// <param name="Errors">Every error that was found, at most 20, in the order of the file. Empty where the file was never read.</param>
    public sealed record Invalid(Problem Problem, IReadOnlyList<ConfigurationError> Errors) : ConfigurationOutcome;
}

/// <summary>One mistake in a configuration.</summary>
/// <param name="Path">The file as the caller named it.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="Value">The offending value as it stands there, quoted, escaped and cut; empty where something is missing.</param>
/// <param name="Message">One line, lower case, no full stop, with the value in it.</param>
public sealed record ConfigurationError(string Path, int Line, int Column, string Value, string Message)
{
    /// <summary><c>file:line:column: message</c>, which editors and terminals turn into a link.</summary>
    public override string ToString() => $"{Path}:{Line}:{Column}: {Message}";
}
