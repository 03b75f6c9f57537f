using System.Security.Cryptography;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Daemon.Logging;
using Ark.Wire;
using Ark.Wire.Unix;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Configuration;

/// <summary>
/// The configuration as it is now. Every request looks whether the file changed, which costs one look at its metadata, so that an edit
/// counts from the next request on and a removed host is gone at once; no watcher can miss it.
/// </summary>
internal sealed class ConfigurationStore(string path, TimeProvider time, ILogger log)
{
    /// <summary>File systems keep times as coarse as this: a file that was written so lately may have been written again since.</summary>
    private static readonly TimeSpan ClockOfFiles = TimeSpan.FromSeconds(2);

    /// <summary>In bytes, some thousand organizations.</summary>
    private const int LargeConfiguration = 512 * 1024;

    private static readonly ConfigurationOutcome NoConfiguration = new ConfigurationOutcome.Loaded(ArkConfiguration.Empty);

    private readonly UsedOrganization _used = new(path);
    private readonly Lock _gate = new();
    private FileStamp? _stamp;
    private bool _settled;
    private ConfigurationOutcome _current = NoConfiguration;
    private byte[] _digest = [];
    private ConfigurationOutcome _parsed = NoConfiguration;

    /// <summary>Where the configuration is: <c>ARK_CONFIG</c>, else the user's configuration directory. Null when there is no such place.</summary>
    public static string? Locate(Func<string, string?> environment)
    {
        if (environment("ARK_CONFIG") is { Length: > 0 } given)
        {
            return given;
        }

        if (OperatingSystem.IsWindows())
        {
            return environment("APPDATA") is { Length: > 0 } roaming ? Path.Combine(roaming, "ark", "config.json") : null;
        }

        return environment("XDG_CONFIG_HOME") is ['/', ..] config && (!Directory.Exists(config) || Ownership.IsOurs(config)) ? Path.Combine(config, "ark", "config.json")
            : RuntimeDirectory.Home(environment) is { } home ? Path.Combine(home, ".config", "ark", "config.json")
            : null;
    }

    /// <summary>The configuration, the reason why it cannot be used, or an empty configuration when there is no file. Never throws.</summary>
    public ConfigurationOutcome Current()
    {
        lock (_gate)
        {
            ConfigurationOutcome now = Look();
            if (!now.Equals(_current))
            {
                _current = now;
                Report(now);
            }

            return now is ConfigurationOutcome.Loaded(var configuration, _) && configuration.Organizations.Count > 0 && _used.Read() is { } used ? new ConfigurationOutcome.Loaded(configuration, used) : now;
        }
    }

    private ConfigurationOutcome Look()
    {
        try
        {
            // Taken before reading: a write in between shows at the next look.
            FileStamp? stamp = FileStamp.Of(path);
            if (_settled && stamp == _stamp)
            {
                return _current;
            }

            _stamp = stamp;
            _settled = stamp is not { } seen || (time.GetUtcNow() - seen.Written).Duration() >= ClockOfFiles;
            return stamp is { } file ? Read(file) : NoConfiguration;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _settled = false;
            return new ConfigurationOutcome.Invalid(Bad($"{path} cannot be read: {e.GetType().Name}", $"look at it with: ls -lL {path}"), []);
        }
    }

    private ConfigurationOutcome Read(FileStamp stamp)
    {
        if (!OperatingSystem.IsWindows() && !stamp.File.IsRegularFile)
        {
            return new ConfigurationOutcome.Invalid(Bad($"{path} is not an ordinary file", "put the configuration into an ordinary file"), []);
        }

        using var file = new FileStream(stamp.Target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (!OperatingSystem.IsWindows() && Unsafe(stamp.Target, FileIdentity.OfDescriptor((int)file.SafeFileHandle.DangerousGetHandle()) ?? stamp.File) is { } problem)
        {
            return new ConfigurationOutcome.Invalid(problem, []);
        }

        byte[] text = new byte[Math.Min(file.Length, ConfigurationFile.MaxBytes + 1)];
        int length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        byte[] digest = SHA256.HashData(text.AsSpan(0, length));
        if (!digest.AsSpan().SequenceEqual(_digest))
        {
            (_digest, _parsed) = (digest, ConfigurationFile.Parse(text.AsSpan(0, length), path));
            if (length > LargeConfiguration)
            {
                // A daemon that is idle most of the day collects seldom, and reading leaves several times the configuration behind.
                text = [];
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }

        return _parsed;
    }

    /// <summary>
    /// A configuration that somebody else can write would let them choose which of our identities answers for which host; who can write to its
    /// directory, or to that of a link to it, can put another in its place. On Windows the access list of the profile sees to that.
    /// </summary>
    private Problem? Unsafe(string target, FileIdentity opened) =>
        Loose(target, opened) ?? Loose(Path.GetDirectoryName(target)!) ?? Loose(Path.GetDirectoryName(path)!);

    private static Problem? Loose(string directory)
    {
        string target = Directory.ResolveLinkTarget(directory, returnFinalTarget: true)?.FullName ?? directory;
        return FileIdentity.OfPath(target) is { } place ? Loose(target, place) : null;
    }

    private static Problem? Loose(string name, FileIdentity file)
    {
        // A sticky directory such as /tmp lets nobody rename another's file.
        bool sticky = file.IsDirectory && (file.Permissions & 0x200) != 0;
        return file switch
        {
            { Owner: not 0, IsOurs: false } => Bad($"{name} belongs to another user", $"copy it into a file of your own, or: sudo chown $(id -u) {name}"),
            { Permissions: var bits } when (bits & 0x12 /* 022 */) != 0 && !sticky => Bad($"{name} can be written by others (mode {Convert.ToString(bits, 8)})", $"close it with: chmod go-w {name}"),
            _ => null,
        };
    }

    private static Problem Bad(string message, string hint) => new(ProblemKind.BadConfiguration, message, hint);

    private void Report(ConfigurationOutcome outcome)
    {
        switch (outcome)
        {
            case ConfigurationOutcome.Loaded(ArkConfiguration configuration, _):
                log.ConfigurationLoaded(path, configuration.Hosts.Count);
                break;
            case ConfigurationOutcome.Invalid invalid:
                log.BadConfiguration(invalid.Problem.Message);
                break;
        }
    }
}
