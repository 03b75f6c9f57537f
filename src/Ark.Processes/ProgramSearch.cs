namespace Ark.Processes;

/// <summary>
/// Finds programs. .NET would look beside this one and in the current directory first, where somebody else may have put one of that
/// name.
/// </summary>
/// <param name="path">This process's own <c>PATH</c>.</param>
public sealed class ProgramSearch(string? path)
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// The program's full path: an absolute one as it stands, a bare name from the first absolute entry of <c>PATH</c>, and then of
    /// <paramref name="afterPath"/>, that has it. Otherwise null, also for a relative path, which is relative to who knows what.
    /// </summary>
    public string? Find(string program, params IEnumerable<string> afterPath)
    {
        if (Path.IsPathFullyQualified(program))
        {
            return program;
        }

        return Path.GetFileName(program) != program
            ? null
            : (path ?? "").Split(Path.PathSeparator)
                .Concat(afterPath)
                .Where(Path.IsPathFullyQualified)
                .Select(directory => Path.Combine(directory, FileName(program)))
                .FirstOrDefault(IsProgram);
    }

    private static string FileName(string program) =>
        OperatingSystem.IsWindows() && !Path.HasExtension(program) ? program + ".exe" : program;

    private static bool IsProgram(string file) =>
        File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & Executable) != UnixFileMode.None);
}
