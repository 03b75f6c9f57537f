using System.Text;
using Ark.Messages;

namespace Ark.Cli.Credentials;

/// <summary>The credentials for a registry. They hold a secret and never show themselves.</summary>
/// <param name="Host">The registry's host, with its port if it has one.</param>
/// <param name="Username">The user.</param>
/// <param name="Secret">The password.</param>
/// <param name="ExpiresAt">Null for a password that does not expire, as far as anybody knows.</param>
internal sealed record RegistryLogin(string Host, string Username, string Secret, DateTimeOffset? ExpiresAt)
{
    /// <summary>Those of an image, or null where it has none.</summary>
    public static RegistryLogin? Of(ImageDescription image) => image is { Username: { } username, Secret: { } secret }
        ? new RegistryLogin(image.Host, username, Encoding.UTF8.GetString(secret), image.ExpiresAt)
        : null;

    public override string ToString() => $"credentials for {Host}";
}
