namespace Ark.Cli.Credentials;

/// <summary>Who to be at a registry. It holds a secret and never shows itself.</summary>
/// <param name="Host">The registry's host, with its port if it has one.</param>
/// <param name="Username">The user.</param>
/// <param name="Secret">The password.</param>
/// <param name="ExpiresAt">Null for a password that does not expire, as far as anybody knows.</param>
internal sealed record RegistryLogin(string Host, string Username, string Secret, DateTimeOffset? ExpiresAt)
{
    public override string ToString() => $"credentials for {Host}";
}
