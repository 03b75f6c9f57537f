using System.Text;

namespace Ark.Helper;

/// <summary>What the process prints and how it exits.</summary>
internal sealed record Output(int ExitCode, byte[] Stdout, byte[] Stderr)
{
    /// <summary>Nothing to say, all is well.</summary>
    public static Output Silence { get; } = new(0, [], []);

    public static Output Text(int exitCode, string stdout) => new(exitCode, Encoding.UTF8.GetBytes(stdout + "\n"), []);

    /// <summary>
    /// A true error, as opposed to "not found". The sentence goes to standard output, where most clients look for it, and with the
    /// hint to standard error, the only stream that docker pull and push show.
    /// </summary>
    public static Output Failure(string message, string hint) => new(
        1,
        Encoding.UTF8.GetBytes($"{message}\n"),
        Encoding.UTF8.GetBytes($"ark: error: {message}\nark: hint: {hint}\n"));
}
