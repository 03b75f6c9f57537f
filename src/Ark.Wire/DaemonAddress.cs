using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Principal;
using System.Text;

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
    public sealed record Refused(string Message, string Hint) : DaemonAddress
    {
        /// <summary>A directory of ours that is only too open, so that its owner can close it; null for any other reason.</summary>
        public string? Open { get; init; }
    }

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

/// <summary>
/// The directory of socket and locks: <c>$ARK_RUNTIME_DIR</c>, else <c>$XDG_RUNTIME_DIR/ark</c>, else <c>~/.ark/run</c>. It is made
/// 0700 in one step, and refused when it is not ours or is looser, since whoever can write there could answer in our place.
/// </summary>
internal static class RuntimeDirectory
{
    private const string SocketName = "arkd.sock";

    /// <summary>What fits into a socket address: 108 bytes on Linux, 104 on macOS, one of them the final NUL.</summary>
    private static readonly int MaxSocketPath = OperatingSystem.IsMacOS() ? 103 : 107;

    public static DaemonAddress Find(Func<string, string?> environment) =>
        Choose(environment) switch
        {
            DaemonAddress.Found place when Prepare(place.Directory) is { } refused => refused,
            var chosen => chosen,
        };

    /// <summary>
    /// The home directory: <c>$HOME</c> if it is absolute and ours, else what the user database says. Under sudo <c>HOME</c> often
    /// stays the other user's, and root must neither use nor litter it. <c>/</c> is a home like any other, as some containers have it.
    /// </summary>
    public static string? Home(Func<string, string?> environment) =>
        environment("HOME") is ['/', ..] home && FileIdentity.OfDirectory(home) is { IsOurs: true } ? Plain(home) : HomeFromPasswd();

    private static DaemonAddress Choose(Func<string, string?> environment)
    {
        // The C library would cut the path there, and make or trust another directory than the one that is named.
        string[] variables = ["ARK_RUNTIME_DIR", "XDG_RUNTIME_DIR", "HOME"];
        if (Array.Find(variables, name => environment(name)?.Contains('\0') is true) is { } cut)
        {
            return new DaemonAddress.Refused($"{cut} has a NUL in it", "set it to a path without one or unset it");
        }

        if (environment("ARK_RUNTIME_DIR") is { Length: > 0 } given)
        {
            return given[0] == '/'
                ? Place(given)
                : new DaemonAddress.Refused($"ARK_RUNTIME_DIR is not an absolute path: {given}", "set it to an absolute path or unset it");
        }

        // The specification of XDG_RUNTIME_DIR says to ignore a relative one; another user's is left over from su or sudo.
        if (environment("XDG_RUNTIME_DIR") is ['/', ..] runtime && FileIdentity.OfDirectory(runtime) is { IsOurs: true })
        {
            return Place(Path.Combine(Plain(runtime), "ark"));
        }

        return Home(environment) is { } home
            ? Place(Path.Combine(home, ".ark", "run"))
            : new DaemonAddress.Refused(
                "there is no place for the daemon's socket: neither HOME nor XDG_RUNTIME_DIR is set to a directory of this user",
                "set HOME, or set ARK_RUNTIME_DIR to a private directory");
    }

    private static DaemonAddress Place(string directory)
    {
        directory = Plain(directory);
        string socket = Path.Combine(directory, SocketName);
        return Encoding.UTF8.GetByteCount(socket) <= MaxSocketPath
            ? new DaemonAddress.Found(socket, directory)
            : new DaemonAddress.Refused(
                $"the socket's path is longer than the {MaxSocketPath} bytes that the system allows: {socket}",
                "set ARK_RUNTIME_DIR to a shorter private directory");
    }

    /// <summary>
    /// The path with one slash where several follow each other and none at its end; it begins with a slash, and may be only that.
    /// </summary>
    private static string Plain(string path) => $"/{string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries))}";

    private static DaemonAddress.Refused? Prepare(string directory)
    {
        // ~/.ark is ours to make; a missing parent of a directory that the user named is more likely a mistake.
        if (directory.EndsWith("/.ark/run", StringComparison.Ordinal) && Make(directory[..^"/run".Length]) is { } outer)
        {
            return outer;
        }

        return Make(directory);
    }

    private static DaemonAddress.Refused? Make(string directory)
    {
        const uint OwnerOnly = 0x1C0; // 0700
        if (Libc.mkdir(directory, OwnerOnly) == 0)
        {
            // A umask may have taken from that what we need ourselves.
            _ = Libc.chmod(directory, OwnerOnly);
        }
        else if (Marshal.GetLastPInvokeError() is int error and not Libc.EEXIST)
        {
            return new(
                $"cannot create {directory}: {Marshal.GetPInvokeErrorMessage(error)}", $"create it with: mkdir -p -m 700 {directory}");
        }

        FileIdentity? made = FileIdentity.OfPath(directory);
        if (made is { IsDirectory: true, IsOurs: true, Permissions: var rights } && (rights & OwnerOnly) != OwnerOnly)
        {
            // Made under a umask that takes rights from the owner, whom it would keep out for ever.
            _ = Libc.chmod(directory, (uint)(rights | OwnerOnly));
        }

        return made switch
        {
            null => new($"cannot look at {directory}", $"create it with: mkdir -p -m 700 {directory}"),
            { IsLink: true } => new($"{directory} is a symbolic link", $"remove it with: rm {directory}"),
            { IsDirectory: false } => new($"{directory} is not a directory", $"move it away with: mv {directory} {directory}.old"),
            { IsOurs: false, Owner: var owner } => new(
                $"{directory} belongs to user {owner.ToString(CultureInfo.InvariantCulture)}, not to us",
                "set ARK_RUNTIME_DIR to a private directory of your own"),
            { Permissions: var bits } when (bits & 0x3F) != 0 => new(
                $"{directory} can be entered by others (mode {Convert.ToString(bits, 8)})", $"close it with: chmod 700 {directory}")
            {
                Open = directory,
            },
            _ => null,
        };
    }

    /// <summary>
    /// Linux without HOME, as some agents start helpers. The file is read by hand because the C library's own look-up cannot be
    /// linked statically; a user from another database gets the message that asks for HOME.
    /// </summary>
    private static string? HomeFromPasswd()
    {
        string uid = Libc.geteuid().ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (string line in File.ReadLines("/etc/passwd"))
            {
                if (line.Split(':') is [_, _, var id, _, _, ['/', _, ..] home, ..]
                    && id == uid
                    && FileIdentity.OfDirectory(home) is { IsOurs: true })
                {
                    return Plain(home);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return null;
    }
}
