using Ark.Wire.Unix;

namespace Ark.Daemon.Sources;

/// <summary>Knows our own helper, whatever it is called: it would only ask us again.</summary>
/// <param name="directory">Where the daemon is, and the helper beside it.</param>
internal sealed class OwnHelper(string directory)
{
    private const string Name = "docker-credential-ark";

    private readonly string _path = Path.Combine(directory, OperatingSystem.IsWindows() ? $"{Name}.exe" : Name);

    /// <summary>Whether the program is called like our helper, or is that very file at the end of any links.</summary>
    public bool Is(string executable)
    {
        string target = Final(executable);
        return IsNamedSo(executable) || IsNamedSo(target) || IsSameFile(target, Final(_path));
    }

    private static bool IsNamedSo(string program) => Path.GetFileName(program).StartsWith(Name, StringComparison.OrdinalIgnoreCase);

    private static bool IsSameFile(string one, string other) =>
        OperatingSystem.IsWindows()
            ? one.Equals(other, StringComparison.OrdinalIgnoreCase)
            : FileIdentity.OfPath(one) is { } file && FileIdentity.OfPath(other) is { } ours && (file.Device, file.Inode) == (ours.Device, ours.Inode);

    private static string Final(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be looked at cannot be run either.
            return path;
        }
    }
}
