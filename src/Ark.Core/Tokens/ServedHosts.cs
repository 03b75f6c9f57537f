namespace Ark.Core.Tokens;

/// <summary>Which hosts a key has served, for status. Bounded: when full, the one noted first makes room.</summary>
internal sealed class ServedHosts
{
    public const int Limit = 32;

    private readonly List<ServedHost> _hosts = new(1);

    public IReadOnlyList<ServedHost> All => _hosts;

    public ServedHost Note(string host, string? organization)
    {
        foreach (ServedHost known in _hosts)
        {
            if (known.Host == host && known.Organization == organization)
            {
                return known;
            }
        }

        if (_hosts.Count == Limit)
        {
            _hosts.RemoveAt(0);
        }

        var added = new ServedHost(host, organization);
        _hosts.Add(added);
        return added;
    }
}

/// <summary>One host and how often it was answered without a wait.</summary>
internal sealed class ServedHost(string host, string? organization)
{
    public string Host => host;

    public string? Organization => organization;

    public long Hits { get; set; }
}
