using System.Xml.Linq;

namespace Ark.Tests.Architecture;

/// <summary>What a project file asks for.</summary>
/// <param name="Name">Folder and assembly, such as <c>Ark.Wire</c>.</param>
/// <param name="References">The projects it references.</param>
/// <param name="Packages">The packages it references, without analyzers, which end with the build.</param>
internal sealed record Project(string Name, string[] References, string[] Packages)
{
    /// <summary>Every project under <c>src</c>.</summary>
    public static IReadOnlyDictionary<string, Project> All { get; } = Directory
        .EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
        .Select(Read)
        .ToDictionary(project => project.Name);

    private static Project Read(string file)
    {
        XElement root = XElement.Load(file);
        return new Project(
            Path.GetFileNameWithoutExtension(file),
            [.. Includes(root, "ProjectReference").Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value)).Order(StringComparer.Ordinal)],
            [.. Includes(root, "PackageReference").Where(item => item.Attribute("PrivateAssets")?.Value != "all").Select(item => item.Attribute("Include")!.Value).Order(StringComparer.Ordinal)]);
    }

    private static IEnumerable<XElement> Includes(XElement root, string kind) => root.Descendants(kind).Where(item => item.Attribute("Include") is not null);
}
