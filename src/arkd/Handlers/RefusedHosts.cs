using System.Collections.Concurrent;
using Ark.Core.Problems;

namespace Ark.Daemon.Handlers;

/// <summary>
/// Hosts of ours that failed before a token could even be asked for, for status and list. A few of them; nothing here is secret.
/// </summary>
internal sealed class RefusedHosts(TimeProvider time)
{
    private const int MaxKept = 100;

    /// <summary>How long such a host stays out of the list: nobody asks for what is not listed, so its repair would go unnoticed.</summary>
    private static readonly TimeSpan KeptFromList = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Host, string? Organization), RefusedHost> _hosts = new();

    public IEnumerable<RefusedHost> All => _hosts.Values
        .OrderBy(refused => refused.Host, StringComparer.Ordinal)
        .ThenBy(refused => refused.Organization, StringComparer.Ordinal);

    /// <summary>Those that failed a moment ago.</summary>
    public IEnumerable<string> Lately =>
        _hosts.Values.Where(refused => time.GetElapsedTime(refused.At) < KeptFromList).Select(refused => refused.Host);

    public void Add(string host, string? organization, Problem problem)
    {
        if (_hosts.Count < MaxKept || _hosts.ContainsKey((host, organization)))
        {
            _hosts[(host, organization)] = new RefusedHost(host, organization, problem, time.GetTimestamp());
        }
    }

    /// <summary>One organization is served there, which says nothing about the others that share the host.</summary>
    public void Remove(string host, string? organization)
    {
        _hosts.TryRemove((host, organization), out _);
        _hosts.TryRemove((host, null), out _);
    }

    public void Clear() => _hosts.Clear();
}

/// <summary>One of them: no such profile, an invalid configuration, several organizations that could answer.</summary>
internal sealed record RefusedHost(string Host, string? Organization, Problem Problem, long At);
