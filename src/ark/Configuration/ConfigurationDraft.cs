using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Configuration;

/// <summary>A new configuration with its schema beside it, so that editors complete and check it.</summary>
/// <param name="path">Where it goes; a symbolic link stays, and the file that it leads to is written.</param>
internal sealed class ConfigurationDraft(string path)
{
    private const string SchemaName = "ark.schema.json";

    /// <summary>True when something is there already.</summary>
    public bool Exists => Path.Exists(SafeFile.Target(path));

    /// <summary>Writes both, for their owner only. Whatever was there is kept; returns where, or null when there was nothing.</summary>
    /// <exception cref="UserError">There is something that is no file.</exception>
    public string? Write(ReadOnlySpan<byte> text, DateTimeOffset now)
    {
        string target = SafeFile.Target(path);
        if (Directory.Exists(target))
        {
            throw new UserError($"{target} is a directory", "name a file with --file");
        }

        string folder = Path.GetDirectoryName(path)!;
        _ = SafeFile.MakeDirectory(folder);
        string? backup = null;
        if (SafeFile.Read(target) is { } before)
        {
            backup = FreeName($"{path}.{now.UtcDateTime:yyyyMMdd-HHmmss}.bak");
            SafeFile.ReplaceAndClose(backup, before);
        }

        SafeFile.ReplaceAndClose(Path.Combine(folder, SchemaName), Schema());
        SafeFile.ReplaceAndClose(target, text);
        return backup;
    }

    /// <summary>The JSON Schema of the configuration.</summary>
    public static byte[] Schema()
    {
        using Stream resource = typeof(ConfigurationDraft).Assembly.GetManifestResourceStream(SchemaName)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    private static string FreeName(string name)
    {
        string free = name;
        for (int next = 2; Path.Exists(free); next++)
        {
            free = $"{name}{next}";
        }

        return free;
    }
}
