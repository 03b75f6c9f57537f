using System.Buffers;
using System.Text;

namespace Ark.Wire.Registries;

/// <summary>
/// The address of a registry, perhaps with a repository: canonical, and made by <see cref="Parse(ReadOnlySpan{byte})"/> alone, so that
/// everyone who decides about a host decides about the same host. <see cref="ToString"/> is read back as an equal reference.
/// </summary>
public sealed record RegistryReference
{
    /// <summary>The key under which docker keeps Docker Hub, whatever it was called.</summary>
    public const string DockerHub = "https://index.docker.io/v1/";

    private const int MaxLength = 2048;
    private const int HttpsPort = 443;

    /// <summary>Everything that any part of an address may hold; each part then has its own, narrower rules.</summary>
    private static readonly SearchValues<byte> AddressBytes =
        SearchValues.Create("+-./0123456789:@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"u8);

    private RegistryReference(string host, string path)
    {
        Host = host;
        Path = path;
        Ecr = EcrHost.Match(host);
    }

    /// <summary>The host in lower case, with its port unless that is 443; <see cref="DockerHub"/> for Docker Hub.</summary>
    public string Host { get; }

    /// <summary>The repository without tag and digest, such as <c>team/app</c>; empty when only the registry was named.</summary>
    public string Path { get; }

    /// <summary>What the host says of itself when it is one of ECR's own names, otherwise null.</summary>
    public EcrHost? Ecr { get; }

    /// <summary>
    /// Reads what a client sent, byte by byte: optional <c>https://</c> in any case, host, optional port, optional path. White space round
    /// it is dropped, as <see cref="Trimmed"/> does; everything else that is not plain ASCII of that shape is refused. Never throws.
    /// </summary>
    public static RegistryParse Parse(ReadOnlySpan<byte> input)
    {
        ReadOnlySpan<byte> text = Trimmed(input);
        if (text.IsEmpty)
        {
            return new RegistryParse.Empty();
        }

        if (text.Length > MaxLength)
        {
            return new RegistryParse.NotARegistry("it is longer than 2048 bytes");
        }

        int foreign = text.IndexOfAnyExcept(AddressBytes);
        if (foreign >= 0)
        {
            return new RegistryParse.NotARegistry($"{TextSanitizer.Byte(text[foreign])} has no place in a registry address");
        }

        text = WithoutHttps(text);
        if (text.IndexOf("://"u8) >= 0)
        {
            return new RegistryParse.NotARegistry("the only scheme of a registry address is https://");
        }

        int slash = text.IndexOf((byte)'/');
        if (slash < 0)
        {
            slash = text.Length;
        }

        if (!Authority.TryParse(text[..slash], out string host, out int? port, out string refusal))
        {
            return new RegistryParse.NotARegistry(refusal);
        }

        return RepositoryPath.TryParse(text[slash..], out string path)
            ? new RegistryParse.Parsed(new RegistryReference(Canonical(host, port), path))
            : new RegistryParse.NotARegistry("what follows the host is not a repository or an image");
    }

    /// <summary>
    /// What a client sent without the white space round it: ASCII's, as helpers written in Go drop it too. What only Unicode calls white
    /// space has no place in an address.
    /// </summary>
    public static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> input) => input.Trim(" \t\n\v\f\r"u8);

    /// <summary>Reads text as <see cref="Parse(ReadOnlySpan{byte})"/> reads its UTF-8.</summary>
    public static RegistryParse Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    /// <summary>The canonical spelling.</summary>
    public override string ToString() => Host == DockerHub || Path.Length == 0 ? Host + Path : $"{Host}/{Path}";

    private static ReadOnlySpan<byte> WithoutHttps(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> scheme = "https://"u8;
        return text.Length >= scheme.Length && Ascii.EqualsIgnoreCase(text[..scheme.Length], scheme) ? text[scheme.Length..] : text;
    }

    private static string Canonical(string host, int? port) => (host, port) switch
    {
        ("docker.io" or "index.docker.io" or "registry-1.docker.io", null or HttpsPort) => DockerHub,
        (_, null or HttpsPort) => host,
        _ => $"{host}:{port}",
    };
}

/// <summary>What <see cref="RegistryReference.Parse(ReadOnlySpan{byte})"/> made of its input.</summary>
public abstract record RegistryParse
{
    private RegistryParse()
    {
    }

    /// <summary>Nothing but blanks and line ends.</summary>
    public sealed record Empty : RegistryParse;

    /// <summary>Not the address of a registry, so never ours.</summary>
    /// <param name="Reason">
    /// One line, lower case, no full stop. It names the rule and at most one escaped byte, never the input, which may hold a password.
    /// </param>
    public sealed record NotARegistry(string Reason) : RegistryParse;

    public sealed record Parsed(RegistryReference Reference) : RegistryParse;
}
