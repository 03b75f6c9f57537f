using System.Security.Cryptography;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;

namespace Ark.Core.Secrets;

/// <summary>Reads a secret where the configuration says that it is kept: a file, another program's store, a program. Each time anew.</summary>
public interface ISecretReader
{
    /// <summary>
    /// The secret as it is now. <paramref name="caller"/> says in whose home and stores to look. Failures come back as problems that name
    /// the place and never quote what was there.
    /// </summary>
    Task<Outcome<ReadSecret>> ReadAsync(SecretReference reference, CallerIdentity caller, CancellationToken cancellationToken);

    /// <summary>
    /// What changes with the secret as far as it can be seen without reading it: a file's stamp, and nothing for what a program keeps.
    /// Belongs into the cache key of whatever is got with the secret.
    /// </summary>
    string StampOf(SecretReference reference, CallerIdentity caller);
}

/// <summary>A secret in memory, wiped when it is disposed of.</summary>
/// <param name="username">The user name, where the place that keeps the secret knows one too; otherwise null.</param>
/// <param name="secret">The bytes, which belong to this object from now on.</param>
public sealed class ReadSecret(string? username, byte[] secret) : IDisposable
{
    /// <summary>The user name that was kept with it, or null.</summary>
    public string? Username => username;

    /// <summary>The secret itself; zeroes once this is disposed of.</summary>
    public ReadOnlyMemory<byte> Secret => secret;

    public void Dispose() => CryptographicOperations.ZeroMemory(secret);

    /// <summary>Never the secret.</summary>
    public override string ToString() => nameof(ReadSecret);
}
