namespace Ark.Cli.Files;

/// <summary>Files that are never half written and never readable by others for a moment.</summary>
internal static class SafeFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The whole content, or null when there is no such file.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The file itself, where the path may be a symbolic link to it: the link stays when the file is replaced.</summary>
    public static string Target(string path) =>
        new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    /// <summary>
    /// Puts the bytes in place of the file in one step; its mode stays, a new file gets 0600. After a crash there is
    /// the old file or the new one.
    /// </summary>
    public static void Replace(string path, ReadOnlySpan<byte> bytes) =>
        Replace(path, bytes, !OperatingSystem.IsWindows() && File.Exists(path) ? File.GetUnixFileMode(path) : OwnerOnly);

    /// <summary>The same, and the file is for its owner only, whatever it was before.</summary>
    public static void ReplaceAndClose(string path, ReadOnlySpan<byte> bytes) => Replace(path, bytes, OwnerOnly);

    private static void Replace(string path, ReadOnlySpan<byte> bytes, UnixFileMode mode)
    {
        string temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            Write(temporary, bytes);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(temporary, mode);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

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
                Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
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

    private static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var file = new FileStream(path, options);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }
}
