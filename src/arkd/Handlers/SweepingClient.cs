using System.Globalization;

namespace Ark.Daemon.Handlers;

/// <summary>
/// A client that before a build asks for every host in docker's file, and at the first that fails gives up the build, or all credentials
/// that it has, whether the build needs that host or not: docker-py, and docker's classic builder. It is known by its program (decision 0015).
/// </summary>
internal static class SweepingClient
{
    /// <summary>docker's options that come before its command and have their value in the next argument.</summary>
    private static readonly string[] OptionsWithValue =
        ["-H", "--host", "-c", "--context", "-l", "--log-level", "--config", "--tlscacert", "--tlscert", "--tlskey"];

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
            return Path.GetFileName(new FileInfo($"/proc/{parent}/exe").LinkTarget) switch
            {
                "docker" => IsBuild(File.ReadAllText($"/proc/{parent}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries)),
                var program => IsPython(program),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Whether docker's arguments are those of a build: an image or an option's value may be called so too.</summary>
    /// <param name="arguments">The command line, beginning with the program.</param>
    internal static bool IsBuild(IReadOnlyList<string> arguments)
    {
        int at = 1;
        while (at < arguments.Count && arguments[at].StartsWith('-'))
        {
            at += OptionsWithValue.Contains(arguments[at]) ? 2 : 1;
        }

        at += at < arguments.Count && arguments[at] is ("image" or "builder") ? 1 : 0;
        return at < arguments.Count && arguments[at] == "build";
    }

    /// <summary>Whether a program is a Python, of whichever version.</summary>
    internal static bool IsPython(string? program) =>
        program is not null
        && (program.StartsWith("python", StringComparison.Ordinal) || program.StartsWith("pypy", StringComparison.Ordinal));
}
