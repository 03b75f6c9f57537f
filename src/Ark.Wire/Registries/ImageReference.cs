namespace Ark.Wire.Registries;

/// <summary>
/// An image as people write it: <c>HOST/REPOSITORY:TAG@DIGEST</c>, or without a host, which means Docker Hub. A registry's host alone is
/// one too, with no repository.
/// </summary>
/// <param name="Registry">Host and repository.</param>
/// <param name="Tag">The tag, or null.</param>
/// <param name="Digest">The digest with its algorithm, or null.</param>
public sealed record ImageReference(RegistryReference Registry, string? Tag, string? Digest)
{
    private const string Hub = "docker.io/";

    /// <summary>The repository; on Docker Hub an official image is below <c>library/</c>. Empty for a registry alone.</summary>
    public string Repository => Registry.Path;

    /// <summary>Reads an image, or says in <paramref name="refusal"/> what is wrong with it.</summary>
    public static ImageReference? Parse(string text, out string refusal)
    {
        string image = text.Trim();
        if (!NamesAHost(image))
        {
            image = image.Contains('/', StringComparison.Ordinal) ? Hub + image : $"{Hub}library/{image}";
        }

        switch (RegistryReference.Parse(image))
        {
            case RegistryParse.Parsed(var registry):
                refusal = "";
                int slash = image.IndexOf('/', image.IndexOf("://", StringComparison.Ordinal) + 3);
                return slash < 0 || registry.Path.Length == 0 ? new ImageReference(registry, null, null) : Split(registry, image[slash..]);

            case RegistryParse.NotARegistry(var reason):
                refusal = reason;
                return null;

            default:
                refusal = "it is empty";
                return null;
        }
    }

    /// <summary>docker's own rule: what stands before the first slash is a host when it has a dot or a port, or is localhost.</summary>
    private static bool NamesAHost(string image)
    {
        if (image.Length == 0 || image.Contains("://", StringComparison.Ordinal))
        {
            return true;
        }

        int slash = image.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? image.Split(':', '@')[0] : image[..slash];
        return first == "localhost"
            || first.Contains('.', StringComparison.Ordinal)
            || (slash >= 0 && first.Contains(':', StringComparison.Ordinal));
    }

    private static ImageReference Split(RegistryReference registry, string path)
    {
        string[] atDigest = path.Split('@', 2);
        string[] atTag = atDigest[0].Split(':', 2);
        return new ImageReference(registry, atTag is [_, var tag] ? tag : null, atDigest is [_, var digest] ? digest : null);
    }
}
