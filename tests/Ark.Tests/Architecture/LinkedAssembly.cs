using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ark.Tests.Architecture;

/// <summary>What a built assembly really refers to, whatever its project file says.</summary>
internal sealed class LinkedAssembly
{
    public LinkedAssembly(string name)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{name}.dll")));
        MetadataReader metadata = file.GetMetadataReader();
        Assemblies = [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).Order(StringComparer.Ordinal)];
        Types = [.. metadata.TypeReferences.Select(metadata.GetTypeReference).Select(type => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}").Order(StringComparer.Ordinal)];
    }

    public IReadOnlyList<string> Assemblies { get; }

    public IReadOnlyList<string> Types { get; }
}
