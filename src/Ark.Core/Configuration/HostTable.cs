using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>Finds the candidates of a host: by the host itself, else by the pattern that says most about it.</summary>
internal sealed class HostTable
{
    private readonly Dictionary<string, HostCandidates> _hosts = new(StringComparer.Ordinal);

    // By the domain behind the star, so that a host is compared with the few patterns that can match it.
    private readonly Dictionary<string, List<(HostPattern Pattern, HostCandidates Candidates)>> _patterns = new(StringComparer.Ordinal);

    /// <summary>The hosts that are named in full, in the order of the file.</summary>
    public IReadOnlyCollection<string> Hosts => _hosts.Keys;

    public HostCandidates At(string host)
    {
        if (!_hosts.TryGetValue(host, out HostCandidates? candidates))
        {
            _hosts[host] = candidates = new HostCandidates();
        }

        return candidates;
    }

    public HostCandidates At(HostPattern pattern)
    {
        if (!_patterns.TryGetValue(pattern.Domain, out var list))
        {
            _patterns[pattern.Domain] = list = [];
        }

        foreach (var (known, candidates) in list)
        {
            if (known == pattern)
            {
                return candidates;
            }
        }

        var added = new HostCandidates();
        list.Add((pattern, added));
        return added;
    }

    /// <summary>
    /// What the configuration binds to a registry: by its host in full, else by the longest pattern that covers it and has a candidate for it. Null
    /// when there is none.
    /// </summary>
    public HostCandidates? Find(RegistryReference registry)
    {
        string host = registry.Host;
        if (_hosts.TryGetValue(host, out HostCandidates? named))
        {
            return named;
        }

        (HostPattern Pattern, HostCandidates Candidates)? best = null;
        for (int dot = host.IndexOf('.', StringComparison.Ordinal); dot >= 0 && _patterns.Count > 0; dot = host.IndexOf('.', dot + 1))
        {
            foreach (var entry in _patterns.GetValueOrDefault(host[dot..]) ?? [])
            {
                if ((best is null || entry.Pattern.Length > best.Value.Pattern.Length) && entry.Pattern.Matches(host) && entry.Candidates.HasFor(registry))
                {
                    best = entry;
                }
            }
        }

        return best?.Candidates;
    }
}
