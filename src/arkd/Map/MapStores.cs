using System.Collections.Concurrent;
using Ark.Core.Map;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Map;

/// <summary>
/// The map of each caller. One user has one map, but two shells may disagree about HOME or ARK_CONFIG, and whichever happened to start
/// the daemon does not decide for the other.
/// </summary>
internal sealed class MapStores(Func<string, string?> environment, TimeProvider time, ILogger log)
{
    /// <summary>Enough for every shell of a person; beyond it they are forgotten and begin anew.</summary>
    private const int MaxKept = 32;

    private readonly ConcurrentDictionary<string, MapStore> _stores = new(StringComparer.Ordinal);

    public MapOutcome For(CallerIdentity caller) => PathFor(caller).Succeeded(out string? path, out Problem? problem)
        ? path.Length == 0 ? new MapOutcome.Loaded(OrganizationMap.Empty) : Store(path).Current()
        : new MapOutcome.Invalid(problem, []);

    /// <summary>Where the caller's map is or would be; empty when there is no such place.</summary>
    public Outcome<string> PathFor(CallerIdentity caller)
    {
        // A caller who has a home has an environment of its own; the daemon's is only for callers without, and for a service manager
        // that names one map for all.
        string? Variable(string name) => caller[name] ?? (caller["HOME"] is null || name is "ARK_CONFIG" or "APPDATA" ? environment(name) : null);

        if (Variable("ARK_CONFIG") is { } given && !Path.IsPathFullyQualified(given))
        {
            return new Problem(ProblemKind.BadMap, $"ARK_CONFIG is not an absolute path: {given}", "set it to an absolute path, or unset it");
        }

        return MapStore.Locate(Variable) ?? "";
    }

    /// <summary>Reads a map file that is not in force, as if it were.</summary>
    public MapOutcome Validate(string path) => new MapStore(path, time, log).Current();

    private MapStore Store(string path)
    {
        if (_stores.Count >= MaxKept && !_stores.ContainsKey(path))
        {
            _stores.Clear();
        }

        return _stores.GetOrAdd(path, name => new MapStore(name, time, log));
    }
}
