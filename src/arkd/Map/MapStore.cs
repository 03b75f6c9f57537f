using Ark.Core.Map;
using Ark.Core.Problems;
using Ark.Daemon.Logging;
using Ark.Wire.Unix;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Map;

/// <summary>
/// The map file as it is now. Every request looks whether the file changed, which costs one look at its metadata, so that an edit
/// counts from the next request on and a removed host is gone at once; no watcher can miss it.
/// </summary>
internal sealed class MapStore(string path, ILogger log)
{
    private readonly Lock _gate = new();
    private Stamp? _stamp;
    private MapOutcome _current = new MapOutcome.Loaded(OrganizationMap.Empty);

    /// <summary>Where the map file is: <c>ARK_CONFIG</c>, else the user's configuration directory. Null when there is no such place.</summary>
    public static string? Locate(Func<string, string?> environment)
    {
        if (environment("ARK_CONFIG") is { Length: > 0 } given)
        {
            return Path.GetFullPath(given);
        }

        if (OperatingSystem.IsWindows())
        {
            return environment("APPDATA") is { Length: > 0 } roaming ? Path.Combine(roaming, "ark", "config.json") : null;
        }

        return environment("XDG_CONFIG_HOME") is ['/', ..] config ? Path.Combine(config, "ark", "config.json")
            : RuntimeDirectory.Home(environment) is { } home ? Path.Combine(home, ".config", "ark", "config.json")
            : null;
    }

    /// <summary>The map, the reason why it cannot be used, or an empty map when there is no file.</summary>
    public MapOutcome Current()
    {
        lock (_gate)
        {
            Stamp stamp = Stamp.Of(path);
            if (stamp != _stamp)
            {
                // The stamp is the one from before reading: a write in between shows at the next look.
                _stamp = stamp;
                _current = stamp.Exists ? Read(stamp) : new MapOutcome.Loaded(OrganizationMap.Empty);
                Report(_current);
            }

            return _current;
        }
    }

    private MapOutcome Read(Stamp stamp)
    {
        try
        {
            if (Unsafe(stamp) is { } problem)
            {
                return new MapOutcome.Invalid(problem, []);
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] text = new byte[Math.Min(file.Length, MapFile.MaxBytes + 1)];
            int length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return MapFile.Parse(text.AsSpan(0, length), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new MapOutcome.Invalid(Bad($"{path} cannot be read: {e.GetType().Name}", $"look at it with: ls -l {path}"), []);
        }
    }

    /// <summary>A map that somebody else can write would let them choose which of our identities answers for which host.</summary>
    private Problem? Unsafe(Stamp stamp)
    {
        if (OperatingSystem.IsWindows())
        {
            // The roaming profile is closed to others by its own access list.
            return null;
        }

        if (!stamp.File.IsRegularFile)
        {
            return Bad($"{path} is not an ordinary file", "put the map into an ordinary file");
        }

        string directory = Path.GetDirectoryName(stamp.Target)!;
        return Loose(stamp.Target, stamp.File) ?? (FileIdentity.OfPath(directory) is { } parent ? Loose(directory, parent) : null);
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

    private static Problem Bad(string message, string hint) => new(ProblemKind.BadMap, message, hint);

    private void Report(MapOutcome outcome)
    {
        switch (outcome)
        {
            case MapOutcome.Loaded(OrganizationMap map):
                log.MapLoaded(path, map.Hosts.Count);
                break;
            case MapOutcome.Invalid invalid:
                log.BadMap(invalid.Problem.Message);
                break;
        }
    }

    /// <summary>What changes when the file does. Inode and mode are in it: a rename in place and a chmod count as changes.</summary>
    private readonly record struct Stamp(bool Exists, long Length, long Written, FileIdentity File, string Target)
    {
        public static Stamp Of(string path)
        {
            string target = path;
            var info = new FileInfo(path);
            if (info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo final)
            {
                target = final.FullName;
                info = final;
            }

            return info.Exists
                ? new Stamp(true, info.Length, info.LastWriteTimeUtc.Ticks, OperatingSystem.IsWindows() ? default : FileIdentity.OfPath(target) ?? default, target)
                : default;
        }
    }
}
