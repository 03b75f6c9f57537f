using Ark.Core.Registries;
using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Core.Map;

/// <summary>Turns entries that are sound in themselves into a map, and finds where they contradict each other.</summary>
internal sealed class MapBuilder(MapEntry entry, MapErrors errors)
{
    private readonly HashSet<string> _names = new(entry.Organizations.Count, StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.OrdinalIgnoreCase);
    private readonly HostTable _hosts = new();
    private readonly RefreshPolicy _refresh = entry.Refresh.Over(RefreshPolicy.Default);

    /// <summary>The map, which is only to be used when no error was added.</summary>
    public OrganizationMap Build()
    {
        List<Organization> organizations = [.. entry.Organizations.Select(Build)];
        string? defaultOrganization = null;
        if (entry.DefaultOrganization is { } chosen)
        {
            defaultOrganization = organizations.Find(known => known.Name == chosen.Text || string.Equals(known.Id, chosen.Text, StringComparison.OrdinalIgnoreCase))?.Name;
            if (defaultOrganization is null)
            {
                errors.Add(chosen, $"defaultOrganization {Printable.Quote(chosen.Text)} is none of the organizations{NearestName.Suggest(chosen.Text, _names)}");
            }
        }

        return new OrganizationMap(_hosts, organizations)
        {
            Mode = entry.Mode,
            Refresh = _refresh,
            IdleExit = entry.IdleExit ?? OrganizationMap.DefaultIdleExit,
            DefaultOrganization = defaultOrganization,
            Chain = entry.Chain,
        };
    }

    private Organization Build(OrganizationEntry organization)
    {
        if (!_names.Add(organization.Name.Text))
        {
            errors.Add(organization.Name, $"{Printable.Quote(organization.Name.Text)} is the name of two organizations");
        }

        if (organization.Id is { } id && !_ids.Add(id.Text))
        {
            errors.Add(id, $"{Printable.Quote(id.Text)} is the id of two organizations");
        }

        return new Organization(
            organization.Name.Text,
            organization.Id?.Text.ToLowerInvariant(),
            [.. organization.Registries.Select(registry => Build(organization.Name.Text, registry))]);
    }

    private Registry Build(string organization, RegistryEntry registry)
    {
        RefreshPolicy refresh = registry.Refresh.Over(_refresh);
        RegistrySource? first = null;
        foreach (HostEntry host in registry.Hosts)
        {
            if (Candidate(host, organization, registry, refresh) is { } candidate)
            {
                Bind(host, candidate);
                if (first is null && candidate is Candidate.Exact exact)
                {
                    first = exact.Always;
                }
            }
        }

        return new Registry([.. registry.Hosts.Select(host => host.Canonical)], registry.RepositoryPrefix, first, refresh);
    }

    private Candidate? Candidate(HostEntry host, string organization, RegistryEntry registry, RefreshPolicy refresh)
    {
        if (registry.Source is SourceEntry.Fixed(var source))
        {
            return new Candidate.Exact(organization, registry.RepositoryPrefix, refresh, source);
        }

        var ecr = new EcrSourceBuilder((SourceEntry.Ecr)registry.Source, registry.RepositoryPrefix, errors);
        return host.Pattern is not null
            ? ecr.ForPattern(host) is { } ofHost ? new Candidate.ByPattern(organization, registry.RepositoryPrefix, refresh, ofHost) : null
            : ecr.ForHost(host) is { } exact ? new Candidate.Exact(organization, registry.RepositoryPrefix, refresh, exact) : null;
    }

    private void Bind(HostEntry host, Candidate candidate)
    {
        HostCandidates candidates = host.Pattern is { } pattern ? _hosts.At(pattern) : _hosts.At(host.Canonical);
        if (!candidates.TryAdd(candidate))
        {
            string below = candidate.RepositoryPrefix.Length == 0 ? "" : $" with the prefix {Printable.Quote(candidate.RepositoryPrefix)}";
            errors.Add(host.Written, $"{Printable.Quote(host.Written.Text)} is mapped twice{below} in organization \"{candidate.Organization}\"");
        }
    }
}
