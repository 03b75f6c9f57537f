namespace Ark.Core.Sources;

/// <summary>Where a secret is kept: the configuration says where, and never the secret itself.</summary>
public abstract record SecretReference
{
    private SecretReference()
    {
    }

    /// <summary>A file of the user's own that nobody else may read (mode 0600).</summary>
    /// <param name="Path">Absolute, or beginning with <c>~/</c> for the caller's home.</param>
    public sealed record File(string Path) : SecretReference;

    /// <summary>The operating system's store, or another, through its docker credential helper.</summary>
    /// <param name="Program">The part after <c>docker-credential-</c>, or the absolute path of the program.</param>
    /// <param name="Server">The key under which it is kept there.</param>
    public sealed record Helper(string Program, string Server) : SecretReference;

    /// <summary>What a program prints.</summary>
    /// <param name="Arguments">The program and its arguments; no shell sees them.</param>
    public sealed record Command(ValueList<string> Arguments) : SecretReference;
}
