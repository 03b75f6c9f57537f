using System.Security.Cryptography;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;

namespace Ark.Core.Secrets;

/// <summary>
/// Reads a secret where the configuration says that it is kept: a file, another program's store, a program. Each time anew.
/// </summary>
public interface ISecretReader
{
    /// <summary>
    /// The secret as it is now. <paramref name="caller"/> says in whose home and stores to look. Failures come back as problems that name
    /// the place and never quote what was there.
    /// </summary>
    Task<Outcome<Credential>> ReadAsync(SecretReference reference, CallerIdentity caller, CancellationToken cancellationToken);

    /// <summary>
    /// What changes with the secret as far as it can be seen without reading it: a file's stamp, and nothing for what a program keeps.
    /// Belongs into the cache key of whatever is got with the secret.
    /// </summary>
    string StampOf(SecretReference reference, CallerIdentity caller);
}

/// <summary>A secret in memory with what is known of it, wiped when it is disposed of.</summary>
/// <param name="username">The user name that goes with it, or null where nobody said.</param>
/// <param name="secret">The bytes, UTF-8, which belong to this object from now on.</param>
/// <param name="expiresAt">When it ends, or null where nobody said.</param>
public sealed class Credential(string? username, byte[] secret, DateTimeOffset? expiresAt = null) : IDisposable
{
    public string? Username => username;

    /// <summary>The secret itself; zeroes once this is disposed of.</summary>
    public ReadOnlyMemory<byte> Secret => secret;

    public DateTimeOffset? ExpiresAt => expiresAt;

    /// <summary>
    /// Whether there are control characters in it, which no user name and no secret has. Only a secret may hold tabs and line ends: the
    /// keys of service accounts are JSON of several lines.
    /// </summary>
    public bool HasControls =>
        username?.Any(char.IsControl) == true || Array.Exists(
            secret, static b => b is 0x7F or (< 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r')));

    public void Dispose() => CryptographicOperations.ZeroMemory(secret);

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"credential of {username ?? "somebody"}";
}
