using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Ark.Tests.Architecture;

/// <summary>Which files of <c>src</c> the code of our methods is in, as the debug symbols beside the assemblies say.</summary>
internal sealed class SourceFiles
{
    private readonly Dictionary<(int Token, string Type, string Method), string[]> _files = [];

    public SourceFiles()
    {
        foreach (string project in Project.All.Keys)
        {
            Read(Path.Combine(AppContext.BaseDirectory, project));
        }
    }

    /// <summary>None for a method that is not ours, or that no line was written for.</summary>
    /// <param name="token">The method's number in its assembly.</param>
    /// <param name="type">Its type by its full name, <c>+</c> in front of a nested one.</param>
    /// <param name="method">Its name.</param>
    public string[] Of(int token, string type, string method) => _files.GetValueOrDefault((token, type, method), []);

    private void Read(string path)
    {
        using var assembly = new PEReader(File.OpenRead($"{path}.dll"));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead($"{path}.pdb"));
        MetadataReader metadata = assembly.GetMetadataReader(), debug = symbols.GetMetadataReader();
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            string[] files = [.. FilesOf(debug, handle).Distinct()];
            if (files.Length > 0)
            {
                MethodDefinition method = metadata.GetMethodDefinition(handle);
                string type = NameOf(metadata, method.GetDeclaringType());
                _files[(MetadataTokens.GetToken(handle), type, metadata.GetString(method.Name))] = files;
            }
        }
    }

    private static IEnumerable<string> FilesOf(MetadataReader debug, MethodDefinitionHandle method) =>
        from point in debug.GetMethodDebugInformation(method).GetSequencePoints()
        where !point.IsHidden
        let file = debug.GetString(debug.GetDocument(point.Document).Name).Replace('\\', '/')
        let below = file.LastIndexOf("/src/", StringComparison.Ordinal)
        where below >= 0
        select file[(below + 1)..];

    private static string NameOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        string name = metadata.GetString(type.Name), space = metadata.GetString(type.Namespace);
        return type.IsNested ? $"{NameOf(metadata, type.GetDeclaringType())}+{name}" : space.Length > 0 ? $"{space}.{name}" : name;
    }
}
