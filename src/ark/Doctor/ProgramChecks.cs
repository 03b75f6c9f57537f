using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Doctor;

/// <summary>Whether the three programs are where each of their callers looks, and belong together.</summary>
internal static class ProgramChecks
{
    private const string Helper = "docker-credential-ark";
    private const string Mark = "ark-doctor-path:";

    // What sudo's secure_path is on most systems; /etc/sudoers is for root's eyes only.
    private static readonly string[] SecurePath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    public static IReadOnlyList<Check> All { get; } =
    [
        new("programs", Programs),
        new("versions", Versions),
        new("path-desktop", PathOfDesktop),
        new("path-login-shell", PathOfLoginShell),
        new("path-snap", Snap),
        new("path-sudo", Sudo),
    ];

    private static string FileName(string program) => OperatingSystem.IsWindows() ? $"{program}.exe" : program;

    private static IEnumerable<Finding> Programs(Examination examination)
    {
        string? helper = examination.Paths.FindProgram(Helper);
        if (helper is null)
        {
            yield return Finding.Fail($"{Helper} is not on PATH, so docker does not find it", CommandForPath(examination));
        }
        else if (OtherCopy(examination, helper) is { } other)
        {
            yield return Finding.Warn($"{other} is another copy of {Helper}; docker runs {helper}", $"rm {other}");
        }

        if (DaemonProgram.Find(examination.Environment) is not { } daemon)
        {
            yield return Finding.Fail(
                "the daemon's program, arkd, is neither beside ark nor on PATH",
                "reinstall ark, or point ARK_DAEMON at arkd by its absolute path");
        }
        else if (examination.Paths.FindProgram("ark") is null)
        {
            yield return Finding.Warn("ark itself is not on PATH", CommandForPath(examination));
        }
        else if (helper is not null)
        {
            yield return Finding.Ok($"docker finds {helper}, which starts {daemon}");
        }
    }

    /// <summary>Adds the directory that has the helper to PATH, where it is in one of the usual places.</summary>
    private static string CommandForPath(Examination examination)
    {
        string?[] places =
        [
            Path.GetDirectoryName(System.Environment.ProcessPath),
            examination.Paths.FindProgram("ark") is { } ark ? Path.GetDirectoryName(ark) : null,
            Path.Combine(examination.Paths.Home, ".local", "bin"),
            "/usr/local/bin",
            "/opt/homebrew/bin",
        ];
        return Array.Find(places, place => place is not null && File.Exists(Path.Combine(place, FileName(Helper)))) is { } found
            ? OperatingSystem.IsWindows() ? $"setx PATH \"%PATH%;{found}\"" : $"export PATH=\"{found}:$PATH\""
            : $"reinstall ark so that {Helper} is in a directory on PATH";
    }

    private static string? OtherCopy(Examination examination, string helper) =>
        (examination.Environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, FileName(Helper)))
            .FirstOrDefault(other => File.Exists(other) && Real(other) != Real(helper));

    /// <summary>The file at the end of links, in the directory at the end of links.</summary>
    private static string Real(string path)
    {
        string file = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        string directory = Path.GetDirectoryName(file)!;
        string? target = new DirectoryInfo(directory).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        return Path.Combine(target ?? directory, Path.GetFileName(file));
    }

    private static IEnumerable<Finding> Versions(Examination examination)
    {
        (string Name, string? Version)[] found =
        [
            ("ark", Build.Current),
            (Helper, VersionOf(examination.Paths.FindProgram(Helper), examination)),
            ("arkd", VersionOf(DaemonProgram.Find(examination.Environment), examination)),
        ];
        string? running = examination.Status?.Daemon?.Version;
        foreach ((string name, string? version) in found)
        {
            if (version is null)
            {
                yield return Finding.Skip($"{name} does not say its version");
            }
            else if (version != Build.Current)
            {
                yield return Finding.Fail(
                    $"{name} is version {version}, ark is {Build.Current}", "install one version of all three, then: ark daemon restart");
            }
        }

        if (running is not null && running != Build.Current)
        {
            yield return Finding.Fail($"the running daemon is version {running}, ark is {Build.Current}", "ark daemon restart") with
            {
                Fix = () => examination.Queries.Shutdown() ? $"stopped the daemon of version {running}" : "the daemon did not stop",
            };
        }
        else if (found.All(static program => program.Version == Build.Current))
        {
            yield return Finding.Ok($"ark, {Helper}, arkd{(running is null ? "" : " and the running daemon")} are version {Build.Current}");
        }
    }

    private static string? VersionOf(string? program, Examination examination) =>
        program is not null && ToolOutput.Of(program, ["--version"], examination.Environment) is { ExitCode: 0, Out: var text }
            && text.Trim().Split(' ') is [.., { Length: > 0 } last]
            ? last
            : null;

    /// <summary>Programs of the desktop do not see what shells add to PATH.</summary>
    private static IEnumerable<Finding> PathOfDesktop(Examination examination)
    {
        if (examination.Paths.FindProgram(Helper) is not { } helper)
        {
            return [Finding.Skip($"{Helper} is not on PATH")];
        }

        if (OperatingSystem.IsMacOS())
        {
            string set = examination.Run("launchctl", "getenv", "PATH")?.Out.Trim() is { Length: > 0 } own
                ? own
                : "/usr/bin:/bin:/usr/sbin:/sbin";
            return
            [
                Judge(
                    helper,
                    set,
                    "programs started from the desktop",
                    $"sudo launchctl config user path \"{Path.GetDirectoryName(helper)}:{set}\" and restart the Mac"),
            ];
        }

        string? path = examination.Run("systemctl", "--user", "show-environment") is { ExitCode: 0, Out: var environment }
            ? environment.Split('\n').FirstOrDefault(static line => line.StartsWith("PATH=", StringComparison.Ordinal))?[5..]
            : null;
        return
        [
            path is null ? Finding.Skip("no service manager of this user says what programs of the desktop see")
                : Judge(
                    helper,
                    path,
                    "programs started from the desktop",
                    "mkdir -p ~/.config/environment.d && "
                        + $"echo 'PATH={Path.GetDirectoryName(helper)}:$PATH' > ~/.config/environment.d/60-ark.conf, then log in again"),
        ];
    }

    private static IEnumerable<Finding> PathOfLoginShell(Examination examination)
    {
        if (examination.Paths.FindProgram(Helper) is not { } helper)
        {
            return [Finding.Skip($"{Helper} is not on PATH")];
        }

        if (OperatingSystem.IsWindows() || examination.Environment("SHELL") is not ['/', ..] shell || !File.Exists(shell))
        {
            return [Finding.Skip("SHELL names no login shell")];
        }

        string? path = ToolOutput.Of(shell, ["-l", "-c", $"printf '%s%s\\n' {Mark} \"$PATH\""], examination.Environment)?.Out
            .Split('\n').LastOrDefault(static line => line.StartsWith(Mark, StringComparison.Ordinal))?[Mark.Length..];
        return
        [
            path is null ? Finding.Skip($"{shell} does not say its PATH as a login shell")
                : Judge(helper, path, "login shells", $"echo 'export PATH=\"{Path.GetDirectoryName(helper)}:$PATH\"' >> ~/.profile"),
        ];
    }

    private static Finding Judge(string helper, string path, string who, string repair) =>
        path.Split(':').Any(directory => Path.IsPathFullyQualified(directory) && File.Exists(Path.Combine(directory, Helper)))
            ? Finding.Ok($"{who} find {Helper}")
            : Finding.Warn($"{who} do not find {helper}: {Path.GetDirectoryName(helper)} is not on their PATH", repair);

    private static IEnumerable<Finding> Snap(Examination examination)
    {
        if (examination.Paths.FindProgram("docker") is not { } docker)
        {
            return [Finding.Skip("docker is not installed")];
        }

        bool isSnap = docker.Contains("/snap/", StringComparison.Ordinal) || Path.GetFileName(Real(docker)) == "snap";
        string host = examination.Hosts is [var first, ..] ? first : "HOST";
        return
        [
            isSnap
                ? Finding.Fail(
                    $"{docker} is snap's docker, which is confined and cannot run {Helper}",
                    $"install another docker; until then: ark token {host} | docker login --username AWS --password-stdin {host}")
                : Finding.Ok($"{docker} is not snap's and can run {Helper}"),
        ];
    }

    /// <summary>Matters only to whom docker lets in as root alone.</summary>
    private static IEnumerable<Finding> Sudo(Examination examination)
    {
        if (examination.Paths.FindProgram(Helper) is not { } helper || examination.Paths.FindProgram("sudo") is null)
        {
            return [Finding.Skip($"sudo or {Helper} is not on PATH")];
        }

        if (examination.Run("docker", "version", "--format", "{{.Server.Version}}") is not { ExitCode: not 0, Error: var said }
            || !said.Contains("permission denied", StringComparison.OrdinalIgnoreCase))
        {
            return [Finding.Skip("docker needs no sudo here")];
        }

        string directory = Path.GetDirectoryName(helper)!;
        string host = examination.Hosts is [var first, ..] ? first : "HOST";
        return
        [
            SecurePath.Contains(directory)
                ? Finding.Ok($"sudo docker finds {helper}; root needs a setup of its own: sudo ark setup {host}")
                : Finding.Warn(
                    $"docker needs sudo here, and {directory} is not in sudo's usual secure_path",
                    $"sudo install -m 755 {directory}/ark {directory}/arkd {helper} /usr/local/bin/ && sudo ark setup {host}"),
        ];
    }
}
