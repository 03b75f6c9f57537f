namespace Ark.Core.Sources;

/// <summary>Another docker credential helper, which answers as if the client had asked it.</summary>
/// <param name="Program">The part after <c>docker-credential-</c>, or the absolute path of the program.</param>
/// <param name="Server">The key to ask it for, or null for the host that the client named.</param>
/// <param name="Lifetime">How long its answer is kept; it says nothing about that itself. Zero: it is asked each time.</param>
public sealed record HelperSource(string Program, string? Server, TimeSpan Lifetime) : RegistrySource
{
    public override string Type => "helper";

    public override string? KnownUsername => null;
}
