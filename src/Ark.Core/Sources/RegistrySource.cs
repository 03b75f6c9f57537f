namespace Ark.Core.Sources;

/// <summary>
/// Where the credentials of a registry come from: pure data and no secret.
/// </summary>
public abstract record RegistrySource
{
    private protected RegistrySource()
    {
    }

    /// <summary>The source's word in the configuration, such as <c>ecr</c> or <c>helper</c>.</summary>
    public abstract string Type { get; }

    /// <summary>The user name that is known before anything is fetched, or null.</summary>
    public abstract string? KnownUsername { get; }

    /// <summary>Whether the two are one identity, so that one token serves both.</summary>
    public virtual bool SharesTokenWith(RegistrySource other) => Equals(other);
}
