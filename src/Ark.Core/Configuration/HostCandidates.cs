using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>
/// All that the configuration binds to one host or one pattern, in the order of the file. Ten thousand organizations may share a host, so that
/// looking one up by its name or by a path does not walk through them.
/// </summary>
internal sealed class HostCandidates
{
    private readonly List<Candidate> _all = new(1);
    private readonly HashSet<(string Organization, string Prefix)> _known = new(1);

    // Most hosts have one candidate, for which these would be waste.
    private Dictionary<string, List<Candidate>>? _byOrganization;
    private Dictionary<string, List<Candidate>>? _byPrefix;

    public IReadOnlyList<Candidate> All => _all;

    /// <summary>Whether it is known that all of them are one identity, so that no choice between them is needed.</summary>
    public bool ShareOneToken { get; private set; } = true;

    /// <summary>False, and no change, when the organization has the same prefix here already.</summary>
    public bool TryAdd(Candidate candidate)
    {
        // An organization may have as many prefixes here as a file can hold: nothing is walked through.
        if (!_known.Add((candidate.Organization, candidate.RepositoryPrefix)))
        {
            return false;
        }

        _all.Add(candidate);
        ShareOneToken &= _all.Count == 1
            || (_all[0] is Candidate.Exact first && candidate is Candidate.Exact another && another.Always.SharesTokenWith(first.Always));
        if (_all.Count == 2)
        {
            (_byOrganization, _byPrefix) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
            Index(_all[0]);
        }

        if (_all.Count >= 2)
        {
            Index(candidate);
        }

        return true;
    }

    /// <summary>Those of one organization.</summary>
    public IReadOnlyList<Candidate> Of(string organization) =>
        _byOrganization is not null ? _byOrganization.GetValueOrDefault(organization) ?? []
        : _all is [var only] && only.Organization == organization ? _all
        : [];

    /// <summary>Those with the longest prefix that the path lies below, segment by segment; none when only unlike prefixes are here.</summary>
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
    public bool HasFor(RegistryReference registry) => _all.Exists(candidate => candidate.For(registry) is not null);

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
