using System.Text.Json;
using Ark.Cli.Commands;
using Ark.Tests.Architecture;

namespace Ark.Tests.Configuration;

/// <summary>
/// The maps of <c>tests/corpus/configurations</c>. A bad one has one mistake, and its first line says <c>// line:column kind message</c>: of kind
/// <c>shape</c> are those that a schema can see, of kind <c>sense</c> the others.
/// </summary>
internal static class ConfigurationCorpus
{
    public static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The schema as it is shipped.</summary>
    public static JsonElement Schema { get; } = ReadSchema();

    public static IEnumerable<string> Good => Names("good");

    public static IEnumerable<string> Bad => Names("bad");

    public static byte[] Read(string kind, string name) => File.ReadAllBytes(Path.Combine(Folder(kind), name));

    private static IEnumerable<string> Names(string kind) =>
        Directory.EnumerateFiles(Folder(kind), "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private static string Folder(string kind) => Repository.PathOf(Path.Combine("tests", "corpus", "configurations", kind));

    private static JsonElement ReadSchema()
    {
        using Stream stream = typeof(ConfigurationDraft).Assembly.GetManifestResourceStream("ark.schema.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}
