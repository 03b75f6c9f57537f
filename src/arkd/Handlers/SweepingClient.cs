using System.Globalization;

namespace Ark.Daemon.Handlers;

/// <summary>
/// A client that before a build asks for every host in docker's file, and gives up at the first that fails, whether the build needs it or not:
/// docker-py, and what is made with it. It is known by its program (decision 0015).
/// </summary>
internal static class SweepingClient
{
    /// <summary>Whether the helper that asks was started by such a client. Where the system does not say, it was not.</summary>
    /// <param name="helper">The helper's process; 0 for none.</param>
    public static bool Started(int helper)
    {
        if (helper <= 0 || !OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            // "PID (NAME) STATE PARENT …", and the name may have blanks and parentheses of its own.
            string status = File.ReadAllText($"/proc/{helper}/stat");
            string[] fields = status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int parent = int.Parse(fields[1], CultureInfo.InvariantCulture);
            return IsPython(Path.GetFileName(new FileInfo($"/proc/{parent}/exe").LinkTarget));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Whether a program is a Python, of whichever version.</summary>
    internal static bool IsPython(string? program) =>
        program is not null && (program.StartsWith("python", StringComparison.Ordinal) || program.StartsWith("pypy", StringComparison.Ordinal));
}
