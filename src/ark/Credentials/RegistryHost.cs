using System.Text;
using Ark.Cli.Output;
using Ark.Messages;

namespace Ark.Cli.Credentials;

/// <summary>
/// The registry names that docker looks up in <c>credHelpers</c>: the bare host with its port, letter for letter,
/// and for Docker Hub one fixed URL. Which hosts can be answered is the daemon's to know.
/// </summary>
internal static class RegistryHost
{
    public const string DockerHub = "https://index.docker.io/v1/";

    /// <summary>The key for what a person typed or pasted: a host, its address, or an image on it.</summary>
    /// <exception cref="UserError">docker would never look it up.</exception>
    public static string Parse(string typed)
    {
        string text = typed.Trim();

        // Before anything is put into lower case: the Kelvin sign would become a k, and the name another host's.
        if (!Ascii.IsValid(text))
        {
            throw NoHost(typed);
        }

        string host = OfKey(text);
        return IsDockerHub(host) ? DockerHub
            : !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && LooksLikeHost(host) ? host
            : throw NoHost(typed);
    }

    /// <summary>The key and the same with a scheme, which some programs look up; Docker Hub's has one already.</summary>
    public static string[] WithAlias(string key) => key == DockerHub ? [key] : [key, $"https://{key}"];

    /// <summary>True for Docker Hub under any name.</summary>
    public static bool IsDockerHub(string host) => host is DockerHub or "docker.io" or "index.docker.io" or "registry-1.docker.io";

    /// <summary>
    /// True for hosts that look like Amazon ECR's own. Only to tell whose a stored login is: which hosts are served, the daemon knows.
    /// </summary>
    public static bool LooksLikeEcr(string host) =>
        host == "public.ecr.aws"
            || host.Split('.') is [_, "dkr", "ecr" or "ecr-fips", ..] or ["dkr-ecr", ..] or [_, "dkr-ecr" or "dkr-ecr-fips", ..];

    /// <summary>The host in a key of <c>auths</c>, where docker allows a scheme and a path around it.</summary>
    public static string OfKey(string key)
    {
        string host = key.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? key[8..]
            : key.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? key[7..]
            : key;
        int path = host.IndexOf('/', StringComparison.Ordinal);
        return (path < 0 ? host : host[..path]).ToLowerInvariant();
    }

    /// <summary>
    /// The registry that a key of <c>auths</c> is for, whichever way its name is written: without the port of https, and without the dot
    /// that ends a full name. Clients look up one of these spellings each, and logins leave all of them behind.
    /// </summary>
    public static string Registry(string key)
    {
        string host = OfKey(key);
        string withoutPort = host.EndsWith(":443", StringComparison.Ordinal) ? host[..^4] : host;
        return withoutPort.Length > 1 ? withoutPort.TrimEnd('.') : withoutPort;
    }

    private static UserError NoHost(string typed) => new(
        $"\"{typed}\" is not a registry host",
        "give the bare host, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com or registry.example.com:5000");

    private static bool LooksLikeHost(string host)
    {
        int colon = host.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? host : host[..colon];
        bool hasPort = colon >= 0;
        return (!hasPort || IsPort(host.AsSpan(colon + 1)))
            && name.Length is > 0 and <= 253
            && name.Split('.').All(IsLabel)
            && (hasPort || name.Contains('.', StringComparison.Ordinal) || name == "localhost");
    }

    private static bool IsLabel(string label) => label.Length is > 0 and <= 63
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        && label[0] != '-' && label[^1] != '-';

    private static bool IsPort(ReadOnlySpan<char> port) =>
        port is { Length: > 0 and <= 5 } && port[0] != '0' && !port.ContainsAnyExceptInRange('0', '9')
            && int.Parse(port, provider: null) <= 65535;
}

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
