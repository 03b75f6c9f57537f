using Ark.Core.Sources;
using Ark.Core.Tokens;
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
    /// What the configuration binds to a registry: by its host in full, else by the longest pattern that covers it and has a candidate
    /// for it. Null when there is none.
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
                if ((best is null || entry.Pattern.Length > best.Value.Pattern.Length)
                    && entry.Pattern.Matches(host)
                    && entry.Candidates.HasFor(registry))
                {
                    best = entry;
                }
            }
        }

        return best?.Candidates;
    }
}

/// <summary>
/// All that the configuration binds to one host or one pattern, in the order of the file. Ten thousand organizations may share a
/// host, so that looking one up by its name or by a path does not walk through them.
/// </summary>
internal sealed class HostCandidates
{
    private readonly List<Candidate> _all = new(1);

    // Most hosts have one candidate, for which these would be waste. An organization may have as many prefixes here as a file can
    // hold: nothing is walked through.
    private HashSet<(string Organization, string Prefix)>? _known;
    private Dictionary<string, List<Candidate>>? _byOrganization;
    private Dictionary<string, List<Candidate>>? _byPrefix;

    public IReadOnlyList<Candidate> All => _all;

    /// <summary>Whether it is known that all of them are one identity, so that no choice between them is needed.</summary>
    public bool ShareOneToken { get; private set; } = true;

    /// <summary>False, and no change, when the organization has the same prefix here already.</summary>
    public bool TryAdd(Candidate candidate)
    {
        if (_all.Count == 0)
        {
            _all.Add(candidate);
            return true;
        }

        _known ??= [(_all[0].Organization, _all[0].RepositoryPrefix)];
        if (!_known.Add((candidate.Organization, candidate.RepositoryPrefix)))
        {
            return false;
        }

        _all.Add(candidate);
        ShareOneToken &= _all[0] is Candidate.Exact first && candidate is Candidate.Exact another
            && another.Always.SharesTokenWith(first.Always);
        if (_byOrganization is null)
        {
            (_byOrganization, _byPrefix) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
            Index(_all[0]);
        }

        Index(candidate);
        return true;
    }

    /// <summary>Those of one organization.</summary>
    public IReadOnlyList<Candidate> Of(string organization) =>
        _byOrganization is not null ? _byOrganization.GetValueOrDefault(organization) ?? []
        : _all is [var only] && only.Organization == organization ? _all
        : [];

    /// <summary>Those with the longest prefix that the path lies below, segment by segment.</summary>
    public IReadOnlyList<Candidate> Above(string path)
    {
        for (string prefix = path; ; prefix = Parent(prefix))
        {
            List<Candidate> found =
                _byPrefix is not null ? _byPrefix.GetValueOrDefault(prefix) ?? []
                : _all is [var only] && only.RepositoryPrefix == prefix ? _all
                : [];
            if (found.Count > 0 || prefix.Length == 0)
            {
                return found;
            }
        }
    }

    /// <summary>Whether one of them answers for a registry that their pattern covers.</summary>
    public bool HasFor(RegistryReference registry) => _all.Exists(candidate => candidate.SourceOf(registry) is not null);

    private static string Parent(string path) => path[..Math.Max(path.LastIndexOf('/'), 0)];

    private void Index(Candidate candidate)
    {
        Add(_byOrganization!, candidate.Organization, candidate);
        Add(_byPrefix!, candidate.RepositoryPrefix, candidate);
    }

    private static void Add(Dictionary<string, List<Candidate>> index, string key, Candidate candidate)
    {
        if (!index.TryGetValue(key, out List<Candidate>? list))
        {
            index[key] = list = new(1);
        }

        list.Add(candidate);
    }
}

/// <summary>One organization that may answer for a host.</summary>
/// <param name="Organization">Its name.</param>
/// <param name="RepositoryPrefix">The path below which its repositories are; empty for the whole registry.</param>
/// <param name="Refresh">Its refresh rules.</param>
internal abstract record Candidate(string Organization, string RepositoryPrefix, RefreshPolicy Refresh)
{
    /// <summary>Where its credentials for a registry come from; null where host and pattern do not fit.</summary>
    public abstract RegistrySource? SourceOf(RegistryReference registry);

    /// <summary>For a host that is named in full.</summary>
    public sealed record Exact(string Organization, string RepositoryPrefix, RefreshPolicy Refresh, RegistrySource Always)
        : Candidate(Organization, RepositoryPrefix, Refresh)
    {
        public override RegistrySource SourceOf(RegistryReference registry) => Always;
    }

    /// <summary>For each host that a pattern covers.</summary>
    public sealed record ByPattern(
        string Organization, string RepositoryPrefix, RefreshPolicy Refresh, Func<RegistryReference, RegistrySource?> OfHost)
        : Candidate(Organization, RepositoryPrefix, Refresh)
    {
        public override RegistrySource? SourceOf(RegistryReference registry) => OfHost(registry);
    }
}

/// <summary>
/// A host with one <c>*</c>, which stands for one character or more within its label: <c>*.dkr.ecr.eu-west-1.amazonaws.com</c>. At least
/// two labels must follow it: a pattern for a whole top-level domain is a slip. What lies below shared names such as <c>azurecr.io</c>
/// belongs to many; such a pattern is the configuration's own responsibility.
/// </summary>
internal sealed record HostPattern
{
    private const int LabelsAfter = 2;

    private HostPattern(string before, string after) => (Before, After) = (before, after);

    /// <summary>What a host must end with, from the label after the star on; patterns are looked up by it.</summary>
    public string Domain => After[After.IndexOf('.', StringComparison.Ordinal)..];

    /// <summary>How much of it is literal: of two patterns that match, the longer one says more.</summary>
    public int Length => Before.Length + After.Length;

    private string Before { get; }

    private string After { get; }

    /// <summary>Whether the text was meant as a pattern.</summary>
    public static bool IsMeant(string text) => text.Contains('*', StringComparison.Ordinal);

    /// <summary>Reads a pattern, or says in <paramref name="refusal"/> what is wrong with it.</summary>
    public static HostPattern? Parse(string text, out string refusal)
    {
        int star = text.IndexOf('*', StringComparison.Ordinal);

        // A digit may stand wherever the star may, and what is not host and port alone would move it.
        switch (RegistryReference.Parse(string.Concat(text.AsSpan(0, star), "0", text.AsSpan(star + 1))))
        {
            case RegistryParse.NotARegistry when text.LastIndexOf('*') != star:
                refusal = "it has more than one '*'";
                return null;

            case RegistryParse.NotARegistry(string reason):
                refusal = reason;
                return null;

            case RegistryParse.Parsed(RegistryReference { Path: "" } sample) when !text.AsSpan().ContainsAny('/', ' '):
                var pattern = new HostPattern(sample.Host[..star], sample.Host[(star + 1)..]);
                refusal = pattern.After.Count(c => c == '.') >= LabelsAfter ? "" : "two labels at least must follow the one with the '*'";
                return refusal.Length == 0 ? pattern : null;

            default:
                refusal = "a pattern is a host alone, such as \"*.example.com\"";
                return null;
        }
    }

    /// <summary>Whether the pattern covers a canonical host.</summary>
    public bool Matches(string host) =>
        host.Length > Length
        && host.StartsWith(Before, StringComparison.Ordinal)
        && host.EndsWith(After, StringComparison.Ordinal)
        && !host.AsSpan(Before.Length, host.Length - Length).ContainsAny('.', ':');

    public override string ToString() => $"{Before}*{After}";
}
