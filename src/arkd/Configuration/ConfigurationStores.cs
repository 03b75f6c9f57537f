using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Daemon.Logging;
using Ark.Files;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Configuration;

/// <summary>
/// The configuration of each caller. One user has one configuration, but two shells may disagree about HOME or ARK_CONFIG, and whichever
/// happened to start the daemon does not decide for the other.
/// </summary>
internal sealed class ConfigurationStores(Func<string, string?> environment, TimeProvider time, ILogger log)
{
    /// <summary>Enough for every shell of a person; beyond it they are forgotten and begin anew.</summary>
    private const int MaxKept = 32;

    private readonly ConcurrentDictionary<string, ConfigurationStore> _stores = new(StringComparer.Ordinal);

    public ConfigurationOutcome For(CallerIdentity caller) => PathFor(caller).Succeeded(out string? path, out Problem? problem)
        ? path.Length == 0 ? new ConfigurationOutcome.Loaded(ArkConfiguration.Empty) : Store(path).Current()
        : new ConfigurationOutcome.Invalid(problem, []);

    /// <summary>Where the caller's configuration is or would be; empty when there is no such place.</summary>
    public Outcome<string> PathFor(CallerIdentity caller)
    {
        // A caller who has a home has an environment of its own; the daemon's is only for callers without, and for a service manager
        // that names one configuration for all.
        string? Variable(string name) =>
            caller[name] ?? (caller["HOME"] is null || name is "ARK_CONFIG" or "APPDATA" ? environment(name) : null);

        if (Variable("ARK_CONFIG") is { } given && !Path.IsPathFullyQualified(given))
        {
            return new Problem(
                ProblemKind.BadConfiguration, $"ARK_CONFIG is not an absolute path: {given}", "set it to an absolute path, or unset it");
        }

        return ConfigurationStore.Locate(Variable) ?? "";
    }

    /// <summary>Reads a configuration that is not in force, as if it were.</summary>
    public ConfigurationOutcome Validate(string path) => new ConfigurationStore(path, time, log).Current();

    private ConfigurationStore Store(string path)
    {
        if (_stores.Count >= MaxKept && !_stores.ContainsKey(path))
        {
            _stores.Clear();
        }

        return _stores.GetOrAdd(path, name => new ConfigurationStore(name, time, log));
    }
}

/// <summary>
/// The configuration as it is now. Every request looks whether the file changed, which costs one look at its metadata, so that an edit
/// counts from the next request on and a removed host is gone at once; no watcher can miss it.
/// </summary>
internal sealed class ConfigurationStore(string path, TimeProvider time, ILogger log)
{
    /// <summary>In bytes, some thousand organizations.</summary>
    private const int LargeConfiguration = 512 * 1024;

    private static readonly ConfigurationOutcome NoConfiguration = new ConfigurationOutcome.Loaded(ArkConfiguration.Empty);

    private readonly FileWatch _watch = new(path, time);
    private readonly UsedOrganization _used = new(path, time);
    private readonly Lock _gate = new();
    private ConfigurationOutcome _current = NoConfiguration;
    private byte[] _digest = [];
    private ConfigurationOutcome _parsed = NoConfiguration;

    /// <summary>
    /// Where the configuration is: <c>ARK_CONFIG</c>, else the user's configuration directory. Null when there is no such place.
    /// </summary>
    public static string? Locate(Func<string, string?> environment)
    {
        if (environment("ARK_CONFIG") is { Length: > 0 } given)
        {
            return given;
        }

        string? directory = OperatingSystem.IsWindows()
            ? environment("APPDATA")
            : Ownership.XdgDirectory(environment, "XDG_CONFIG_HOME", ".config");
        return string.IsNullOrEmpty(directory) ? null : Path.Combine(directory, "ark", "config.json");
    }

    /// <summary>
    /// The configuration, the reason why it cannot be used, or an empty configuration when there is no file. Never throws.
    /// </summary>
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

            return now is ConfigurationOutcome.Loaded({ Organizations.Count: > 0 } configuration, _) && _used.Read() is { } used
                ? new ConfigurationOutcome.Loaded(configuration, used)
                : now;
        }
    }

    private ConfigurationOutcome Look()
    {
        try
        {
            return _watch.HasChanged() ? Read() : _current;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _watch.Forget();
            return Unusable($"{path} cannot be read: {e.GetType().Name}", $"look at it with: ls -lL {path}");
        }
    }

    private ConfigurationOutcome Read()
    {
        using TrustedFile? file = TrustedFile.Open(path);
        switch (file)
        {
            case null:
                return NoConfiguration;

            case { IsOrdinary: false }:
                return Unusable($"{path} is not an ordinary file", "put the configuration into an ordinary file");

            case { Fault: { } fault }:
                // A configuration decides which of our identities answers for which host, and what programs run. Its fault may be mended in
                // a directory further up, where no look at the file shows it.
                _watch.Forget();
                return Unusable(fault.Message, fault.Repair);

            default:
                return Parse(file.Read(ConfigurationFile.MaxBytes + 1));
        }
    }

    private ConfigurationOutcome Parse(byte[] text)
    {
        byte[] digest = SHA256.HashData(text);
        if (!digest.AsSpan().SequenceEqual(_digest))
        {
            (_digest, _parsed) = (digest, ConfigurationFile.Parse(text, path));
            if (text.Length > LargeConfiguration)
            {
                // A daemon that is idle most of the day collects seldom, and reading leaves several times the configuration behind.
                text = [];
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }

        return _parsed;
    }

    private static ConfigurationOutcome.Invalid Unusable(string message, string hint) =>
        new(new Problem(ProblemKind.BadConfiguration, message, hint), []);

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

/// <summary>
/// What <c>ark use</c> chose: one name in a file beside the configuration, so that it goes where the configuration goes and outlives the
/// daemon.
/// </summary>
internal sealed class UsedOrganization(string configuration, TimeProvider time)
{
    private const int MaxLength = 128;

    private readonly string _path = PathOf(configuration);
    private readonly FileWatch _watch = new(PathOf(configuration), time);
    private string? _name;

    /// <summary>The name or id, or null for none. A file that somebody else could have written says nothing.</summary>
    public string? Read()
    {
        try
        {
            if (_watch.HasChanged())
            {
                using TrustedFile? file = TrustedFile.Open(_path);
                _name = file is { IsOrdinary: true, Fault: null, Stamp.Length: <= MaxLength }
                    && Encoding.UTF8.GetString(file.Read(MaxLength)).Trim() is { Length: > 0 } name ? name : null;
                if (file?.Fault is not null)
                {
                    _watch.Forget();
                }
            }

            return _name;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _watch.Forget();
            return null;
        }
    }

    /// <summary>Remembers the name for the configuration, or forgets it when it is null.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it.</exception>
    public static void Write(string configuration, string? name)
    {
        string path = PathOf(configuration);
        if (name is null)
        {
            File.Delete(path);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        TrustedFile.Replace(path, Encoding.UTF8.GetBytes($"{name}\n"));
    }

    private static string PathOf(string configuration) => Path.Combine(Path.GetDirectoryName(configuration)!, "organization");
}
