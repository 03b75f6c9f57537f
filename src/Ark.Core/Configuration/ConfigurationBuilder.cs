using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>Turns entries that are sound in themselves into a configuration, and finds where they contradict each other.</summary>
internal sealed class ConfigurationBuilder(ConfigurationEntry entry, ConfigurationErrors errors)
{
    private readonly HashSet<string> _names = new(entry.Organizations.Count, StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.OrdinalIgnoreCase);
    private readonly HostTable _hosts = new();
    private readonly RefreshPolicy _refresh = entry.Refresh.Over(RefreshPolicy.Default);

    /// <summary>The configuration, which is only to be used when no error was added.</summary>
    public ArkConfiguration Build()
    {
        List<Organization> organizations = [.. entry.Organizations.Select(Build)];
        string? defaultOrganization = null;
        if (entry.DefaultOrganization is { } chosen)
        {
            defaultOrganization = organizations.Find(known => known.Name == chosen.Text || string.Equals(known.Id, chosen.Text, StringComparison.OrdinalIgnoreCase))?.Name;
            if (defaultOrganization is null)
            {
                errors.Add(chosen, $"defaultOrganization {TextSanitizer.Quote(chosen.Text)} is none of the organizations{NearestName.Suggest(chosen.Text, _names)}");
            }
        }

        return new ArkConfiguration(_hosts, organizations)
        {
            Mode = entry.Mode,
            Refresh = _refresh,
            IdleExit = entry.IdleExit ?? ArkConfiguration.DefaultIdleExit,
            DefaultOrganization = defaultOrganization,
            FallbackHelper = entry.FallbackHelper,
        };
    }

    private Organization Build(OrganizationEntry organization)
    {
        if (!_names.Add(organization.Name.Text))
        {
            errors.Add(organization.Name, $"{TextSanitizer.Quote(organization.Name.Text)} is the name of two organizations");
        }

        if (organization.Id is { } id && !_ids.Add(id.Text))
        {
            errors.Add(id, $"{TextSanitizer.Quote(id.Text)} is the id of two organizations");
        }

        return new Organization(
            organization.Name.Text,
            organization.Id?.Text.ToLowerInvariant(),
            [.. organization.Registries.SelectMany(registry => Build(organization.Name.Text, registry))]);
    }

    private List<Registry> Build(string organization, RegistryEntry entry)
    {
        RefreshPolicy refresh = entry.Refresh.Over(_refresh);
        List<(string Host, RegistrySource? Source)> hosts = [];
        foreach (HostEntry host in entry.Hosts)
        {
            if (Candidate(host, organization, entry, refresh) is { } candidate)
            {
                Bind(host, candidate);
                hosts.Add((host.Canonical, candidate is Candidate.Exact exact ? exact.Always : null));
            }
        }

        // One entry may name several registries, which then share their settings; and one registry by several names.
        return
        [
            .. from host in hosts
               group host by SameRegistry(host.Source) into same
               select new Registry([.. same.Select(host => host.Host)], entry.RepositoryPrefix, same.First().Source, refresh, entry.Defaults),
        ];
    }

    private static RegistrySource? SameRegistry(RegistrySource? source) =>
        source is EcrSource ecr ? ecr with { DefaultEndpoint = "", Fips = false } : source;

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
            string below = candidate.RepositoryPrefix.Length == 0 ? "" : $" with the prefix {TextSanitizer.Quote(candidate.RepositoryPrefix)}";
            errors.Add(host.Written, $"{TextSanitizer.Quote(host.Written.Text)} is configured twice{below} in organization \"{candidate.Organization}\"");
        }
    }
}
