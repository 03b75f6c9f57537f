using System.Security.Cryptography;

namespace Ark.Core.Tokens;

/// <summary>
/// A registry password with its life. The secret is kept in pinned memory, so that the collector leaves no copies behind,
/// and is wiped by <see cref="Dispose"/>.
/// </summary>
public sealed class AuthorizationToken : IDisposable
{
    // As long as the secret and no longer: ten thousand of them may be kept.
    private readonly byte[] _secret;

    /// <summary>Takes a copy of <paramref name="secret"/>; the caller still wipes its own.</summary>
    /// <param name="username">The user name that goes with the secret, <c>AWS</c> for ECR.</param>
    /// <param name="secret">The password, UTF-8.</param>
    /// <param name="expiresAt">When the registry stops accepting it, as its issuer says.</param>
    public AuthorizationToken(string username, ReadOnlySpan<byte> secret, DateTimeOffset expiresAt)
    {
        Username = username;
        ExpiresAt = expiresAt;
        _secret = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_secret);
    }

    public string Username { get; }

    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The AWS account of whoever asked, twelve digits; null where the answer does not say.</summary>
    public string? Account { get; init; }

    /// <summary>The password, UTF-8. All zeros after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Secret => _secret;

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);

    /// <summary>Never the secret, so that no log line or debugger view can show it.</summary>
    public override string ToString() => $"{Username} token until {ExpiresAt:O}";
}
