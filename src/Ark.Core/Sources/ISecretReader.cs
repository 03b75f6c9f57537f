using Ark.Core.Problems;
using Ark.Core.Resolving;

namespace Ark.Core.Sources;

/// <summary>Reads a secret where the map says that it is kept: a file, another program's store, a program.</summary>
public interface ISecretReader
{
    /// <summary>
    /// The secret as it is now; nothing is kept of it. <paramref name="caller"/> says in whose home and stores to look. Throws only
    /// <see cref="OperationCanceledException"/>, when the caller stops waiting.
    /// </summary>
    Task<Outcome<ReadSecret>> ReadAsync(SecretReference reference, CallerIdentity caller, CancellationToken cancellationToken);
}

/// <summary>A secret that was read.</summary>
/// <param name="Username">The user name that was kept with it, or null where the place does not know one.</param>
/// <param name="Secret">UTF-8, never empty, in pinned memory: the receiver's own copy, which the receiver wipes.</param>
public sealed record ReadSecret(string? Username, byte[] Secret)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => $"secret of {Username ?? "somebody"}";
}
