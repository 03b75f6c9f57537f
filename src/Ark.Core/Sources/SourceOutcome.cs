using Ark.Core.Problems;
using Ark.Core.Tokens;

namespace Ark.Core.Sources;

/// <summary>What looking for a source came to: a source, or the reason why there is none.</summary>
public abstract record SourceOutcome
{
    private SourceOutcome()
    {
    }

    public sealed record Found(ITokenSource Source) : SourceOutcome
    {
        /// <summary>What the caller should know although it is served, or null.</summary>
        public SourceWarning? Warning { get; init; }

        /// <summary>What is wrong with files that it can do without, for the log, or null.</summary>
        public Problem? PassedOver { get; init; }
    }

    public sealed record Failed(Problem Problem) : SourceOutcome;
}

/// <summary>Something to be told once, until it changes.</summary>
/// <param name="Text">One line with what repairs it.</param>
/// <param name="Stamp">Changes with the file that it is about; empty where there is none.</param>
public sealed record SourceWarning(string Text, string Stamp);
