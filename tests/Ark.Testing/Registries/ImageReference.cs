namespace Ark.Testing.Registries;

/// <summary>A full image name, taken apart: <c>host/repository:tag</c>.</summary>
internal sealed record ImageReference(string Host, string Repository, string Tag)
{
    public static ImageReference Parse(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var colon = image.LastIndexOf(':');
        return slash > 0 && colon > slash
            ? new ImageReference(image[..slash], image[(slash + 1)..colon], image[(colon + 1)..])
            : throw new FormatException($"'{image}' is not host/repository:tag");
    }
}
