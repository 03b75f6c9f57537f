using System.Collections.Concurrent;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
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
