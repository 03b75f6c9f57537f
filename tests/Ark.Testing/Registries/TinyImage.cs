using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Ark.Testing.Registries;

/// <summary>The smallest image that every client takes for one: a config, one layer with one file, a manifest.</summary>
internal static class TinyImage
{
    public const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>Puts it into the repository under the tag and returns the manifest's digest.</summary>
    public static string AddTo(Repository repository, string tag)
    {
        var tar = Tar($"hello from {tag}\n");
        var layer = Gzip(tar);
        var config = Encoding.UTF8.GetBytes($$$"""
            {"architecture":"amd64","os":"linux","created":"2026-01-02T12:00:00Z","config":{"Cmd":["/hello"]},"rootfs":{"type":"layers","diff_ids":["{{{Repository.Digest(tar)}}}"]},"history":[{"created":"2026-01-02T12:00:00Z","created_by":"ark stand-in"}]}
            """);
        var manifest = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{ManifestType}}","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":{{config.Length}},"digest":"{{repository.AddBlob(config)}}"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":{{layer.Length}},"digest":"{{repository.AddBlob(layer)}}"}]}
            """);
        return repository.AddManifest(tag, ManifestType, manifest).Digest;
    }

    private static byte[] Tar(string text)
    {
        using var buffer = new MemoryStream();
        using (var writer = new TarWriter(buffer, leaveOpen: true))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "hello")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
        }

        return buffer.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return buffer.ToArray();
    }
}
