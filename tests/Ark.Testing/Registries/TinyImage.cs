using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

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
        var config = Bytes(new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["created"] = "2026-01-02T12:00:00Z",
            ["config"] = new JsonObject { ["Cmd"] = new JsonArray("/hello") },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Repository.Digest(tar)) },
        });
        var manifest = Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Add(repository, "application/vnd.docker.container.image.v1+json", config),
            ["layers"] = new JsonArray(Add(repository, "application/vnd.docker.image.rootfs.diff.tar.gzip", layer)),
        });
        return repository.AddManifest(tag, ManifestType, manifest).Digest;
    }

    private static JsonObject Add(Repository repository, string mediaType, byte[] content) => new()
    {
        ["mediaType"] = mediaType,
        ["size"] = content.Length,
        ["digest"] = repository.AddBlob(content),
    };

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());

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
