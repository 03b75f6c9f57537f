namespace Ark.Wire.Registries;

/// <summary>What <see cref="RegistryReference.Parse(ReadOnlySpan{byte})"/> made of its input.</summary>
public abstract record RegistryParse
{
    private RegistryParse()
    {
    }

    /// <summary>Nothing but blanks and line ends.</summary>
    public sealed record Empty : RegistryParse;

    /// <summary>Not the address of a registry, so never ours.</summary>
    /// <param name="Reason">
    /// One line, lower case, no full stop. It names the rule and at most one escaped byte, never the input, which may hold a password.
    /// </param>
    public sealed record NotARegistry(string Reason) : RegistryParse;

    public sealed record Parsed(RegistryReference Reference) : RegistryParse;
}
