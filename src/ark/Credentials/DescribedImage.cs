using System.Text;
using Ark.Messages;

namespace Ark.Cli.Credentials;

/// <summary>What commands want to know of an image that the daemon described.</summary>
internal static class DescribedImage
{
    /// <summary>The secret as text, or null.</summary>
    public static string? Password(this ImageDescription image) => image.Secret is { } secret ? Encoding.UTF8.GetString(secret) : null;

    /// <summary>The credentials by themselves, or null.</summary>
    public static RegistryLogin? Login(this ImageDescription image) => (image.Username, image.Password()) is ({ } username, { } password)
        ? new RegistryLogin(image.Host, username, password, image.ExpiresAt)
        : null;
}
