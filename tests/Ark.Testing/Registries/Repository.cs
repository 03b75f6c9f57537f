using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Ark.Testing.Registries;

/// <summary>What one repository holds, by digest.</summary>
internal sealed class Repository
{
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, Manifest> Manifests { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>Blobs on their way in, by upload id.</summary>
    public ConcurrentDictionary<string, MemoryStream> Uploads { get; } = new(StringComparer.Ordinal);

    public static string Digest(ReadOnlySpan<byte> content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>By tag or digest; null when there is none.</summary>
    public Manifest? Find(string reference) =>
        Manifests.GetValueOrDefault(Tags.GetValueOrDefault(reference) ?? reference);

    public string AddBlob(byte[] content)
    {
        var digest = Digest(content);
        Blobs[digest] = content;
        return digest;
    }

    /// <summary>Keeps the manifest and, unless the reference is a digest, moves the tag to it.</summary>
    public Manifest AddManifest(string reference, string mediaType, byte[] content)
    {
        var manifest = new Manifest(Digest(content), mediaType, content);
        Manifests[manifest.Digest] = manifest;
        if (!reference.Contains(':', StringComparison.Ordinal))
        {
            Tags[reference] = manifest.Digest;
        }

        return manifest;
    }
}

internal sealed record Manifest(string Digest, string MediaType, byte[] Content);
