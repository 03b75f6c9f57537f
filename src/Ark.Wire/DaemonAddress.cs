using System.Runtime.Versioning;
using System.Security.Principal;
using Ark.Wire.Unix;

namespace Ark.Wire;

/// <summary>
/// Where the daemon of this user is: a socket path on Unix, a pipe name on Windows. Client and daemon find it by the same rules,
/// and nothing but this user's own directory or SID ever goes into it.
/// </summary>
public abstract record DaemonAddress
{
    private DaemonAddress()
    {
    }

    /// <param name="Name">The socket's absolute path, or the pipe's name without the <c>\\.\pipe\</c> in front.</param>
    /// <param name="Directory">Where socket and lock files live: ours, 0700. The local application data folder on Windows.</param>
    public sealed record Found(string Name, string Directory) : DaemonAddress;

    /// <summary>No safe place: served from there, another user could read or replace what we say.</summary>
    /// <param name="Message">One line, lower case, no full stop.</param>
    /// <param name="Hint">The command that repairs it.</param>
    public sealed record Refused(string Message, string Hint) : DaemonAddress;

    /// <summary>Finds the address and makes sure of its directory, creating it where it is missing.</summary>
    /// <param name="environment">Reads one environment variable of this process.</param>
    public static DaemonAddress Find(Func<string, string?> environment) =>
        OperatingSystem.IsWindows() ? FindPipe(environment) : RuntimeDirectory.Find(environment);

    [SupportedOSPlatform("windows")]
    private static DaemonAddress FindPipe(Func<string, string?> environment)
    {
        using var user = WindowsIdentity.GetCurrent();
        if (user.User is not { } sid)
        {
            return new Refused("this process runs without a user", "run it as an ordinary user");
        }

        // Pipe names are shared by the whole machine, so the SID keeps users apart, and elevated programs get a daemon of their own:
        // an unelevated one must not answer for them.
        string elevation = new WindowsPrincipal(user).IsInRole(WindowsBuiltInRole.Administrator) ? ".elevated" : "";
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        string directory = environment("ARK_RUNTIME_DIR") is { Length: > 0 } given ? given : Path.Combine(local, "ark", "run");
        if (!Path.IsPathFullyQualified(directory))
        {
            return new Refused($"ARK_RUNTIME_DIR is not an absolute path: {directory}", "set it to an absolute path or unset it");
        }

        // Two runtime directories mean two daemons, as on Unix. A pipe name has no directories, so the path goes in as a number.
        string place = environment("ARK_RUNTIME_DIR") is { Length: > 0 } ? $".{Fnv1a(directory):x16}" : "";
        Directory.CreateDirectory(directory);
        return new Found($"ark.{sid.Value}{elevation}{place}", directory);
    }

    private static ulong Fnv1a(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text)
        {
            hash = (hash ^ char.ToUpperInvariant(c)) * 1099511628211;
        }

        return hash;
    }
}
