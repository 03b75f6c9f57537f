using System.Text;
using Ark.Wire.Unix;

namespace Ark.Daemon.Configuration;

/// <summary>
/// What <c>ark use</c> chose: one name in a file beside the configuration, so that it goes where the configuration goes and outlives the daemon.
/// </summary>
internal sealed class UsedOrganization(string mapFile)
{
    private const int MaxLength = 128;

    private readonly string _path = Path.Combine(Path.GetDirectoryName(mapFile)!, "organization");

    /// <summary>The name or id, or null for none. A file that is not ours alone to write says nothing.</summary>
    public string? Read()
    {
        try
        {
            if (!OperatingSystem.IsWindows() && !IsOursAlone(FileIdentity.OfPath(_path)))
            {
                return null;
            }

            var file = new FileInfo(_path);
            return file is { Exists: true, Length: > 0 and <= MaxLength } && File.ReadAllText(_path).Trim() is { Length: > 0 } name ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Remembers the name, or forgets it when it is null.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it.</exception>
    public void Write(string? name)
    {
        if (name is null)
        {
            File.Delete(_path);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        // Nobody can have put a link or a pipe there beforehand.
        string next = $"{_path}.{Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var file = new FileStream(next, options))
            {
                file.Write(Encoding.UTF8.GetBytes($"{name}\n"));
            }

            File.Move(next, _path, overwrite: true);
        }
        finally
        {
            File.Delete(next);
        }
    }

    private static bool IsOursAlone(FileIdentity? file) => file is { IsRegularFile: true, IsOurs: true } known && (known.Permissions & 0x12 /* 022 */) == 0;
}
