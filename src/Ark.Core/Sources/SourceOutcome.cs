using Ark.Core.Problems;
using Ark.Core.Tokens;

namespace Ark.Core.Sources;

/// <summary>What looking for a source came to: a source, or the reason why there is none.</summary>
public abstract record SourceOutcome
{
    private SourceOutcome()
    {
    }

    public sealed record Found(ITokenSource Source) : SourceOutcome;

    public sealed record Failed(Problem Problem) : SourceOutcome;
}
