namespace Ark.Core.Resolving;

/// <summary>The organization that the caller chose, and how, so that a refusal can name it.</summary>
/// <param name="Organization">Name or id, as it was written.</param>
/// <param name="How">What chose it, for people: a variable or the name of an executable.</param>
internal sealed record Choice(string Organization, string How)
{
    /// <summary>Forwarded by a helper that runs as <c>docker-credential-ark-ORGANIZATION</c>: the last part of that name.</summary>
    public const string CalledAs = "ARK_CALLED_AS";

    private const string Variable = "ARK_ORGANIZATION";

    /// <summary>A name that was called counts before a variable, which is set for many calls; null when the caller chose nothing.</summary>
    public static Choice? Of(CallerIdentity caller) =>
        caller[CalledAs] is { } called ? new Choice(called, $"docker-credential-ark-{called}")
        : caller[Variable] is { } variable ? new Choice(variable, Variable)
        : null;
}
