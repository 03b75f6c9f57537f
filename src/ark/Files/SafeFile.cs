using Ark.Cli.Output;
using Ark.Files;

namespace Ark.Cli.Files;

/// <summary>Files that are never half written and never readable by others for a moment, and the directories made for them.</summary>
internal static class SafeFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const int Most = 16 << 20;

    /// <summary>The whole content, or null when there is no such file. Nothing but an ordinary file is opened: a pipe would never end.</summary>
    /// <exception cref="UserError">It is a pipe, a device or a directory, or too long to be a configuration.</exception>
    public static byte[]? Read(string path)
    {
        using TrustedFile? file = Open(path);
        return file switch
        {
            null => null,
            { IsOrdinary: false } => throw new UserError($"{path} is not an ordinary file", "put an ordinary file there; nothing was written"),
            { Stamp.Length: > Most } => throw new UserError($"{path} has more than {Most >> 20} MiB", "is it the right file? Nothing was written"),
            _ => file.Read(Most),
        };
    }

    /// <summary>Removes a file, where there is one.</summary>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody removed the whole directory, and with it the file.
        }
    }

    private static TrustedFile? Open(string path)
    {
        try
        {
            return TrustedFile.Open(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The file itself, where the path may be a symbolic link to it: the link stays when the file is replaced.</summary>
    public static string Target(string path) => TrustedFile.TargetOf(path);

    /// <summary>
    /// Puts the bytes in place of the file in one step; its mode and owner stay, a new file gets 0600. After a crash there is
    /// the old file or the new one.
    /// </summary>
    public static void Replace(string path, ReadOnlySpan<byte> bytes) => TrustedFile.Replace(path, bytes, keepMode: true);

    /// <summary>The same, and the file is for its owner only, whatever it was before.</summary>
    public static void ReplaceAndClose(string path, ReadOnlySpan<byte> bytes) => TrustedFile.Replace(path, bytes);

    /// <summary>Makes a directory and its parents, each for the owner only; returns those that were missing, the deepest first.</summary>
    public static IReadOnlyList<string> MakeDirectory(string path)
    {
        var missing = new List<string>();
        for (string? at = path; !string.IsNullOrEmpty(at) && !Directory.Exists(at); at = Path.GetDirectoryName(at))
        {
            missing.Add(at);
        }

        foreach (string directory in missing.AsEnumerable().Reverse())
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(directory);
            }
            else
            {
                Directory.CreateDirectory(directory, OwnerOnly);
            }
        }

        return missing;
    }

    /// <summary>Removes those directories that are empty.</summary>
    public static void RemoveEmpty(IEnumerable<string> directories)
    {
        static bool IsEmpty(string directory) => Directory.Exists(directory) && !Directory.EnumerateFileSystemEntries(directory).Any();
        foreach (string directory in directories.Where(IsEmpty))
        {
            Directory.Delete(directory);
        }
    }
}
