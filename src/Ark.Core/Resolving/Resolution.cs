using Ark.Core.Problems;

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
    public sealed record Found(Binding Binding) : Resolution;

    /// <summary>Not ours; the client goes on without us.</summary>
    /// <param name="Reason">One line for stderr when the input looked like a mistake, or null when silence is right.</param>
    public sealed record NotOurs(string? Reason) : Resolution;

    /// <summary>Ours, and nothing says whose identity to use: the request fails and lists the candidates.</summary>
    public sealed record Ambiguous(Problem Problem) : Resolution;

    /// <summary>Ours, but the configuration or the choice between organizations stands in the way.</summary>
    public sealed record Stopped(Problem Problem) : Resolution;
}
