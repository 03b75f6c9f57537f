using Ark.Core.Registries;
using Ark.Core.Repositories;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;

namespace Ark.Core.Map;

/// <summary>Turns entries that are sound in themselves into a map, and finds where they contradict each other.</summary>
internal sealed class MapBuilder(MapEntry entry, MapErrors errors)
{
    // What AWS's own tools take when nobody names a profile.
    private const string DefaultProfile = "default";

    private readonly Dictionary<string, Organization> _organizations = new(entry.Organizations.Count, StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Binding> _bindings = new(StringComparer.Ordinal);
    private readonly RefreshPolicy _refresh = entry.Refresh.Over(RefreshPolicy.Default);

    /// <summary>The map, which is only to be used when no error was added.</summary>
    public OrganizationMap Build()
    {
        foreach (OrganizationEntry organization in entry.Organizations)
        {
            Add(organization);
        }

        if (entry.DefaultOrganization is { } chosen && !_organizations.ContainsKey(chosen.Text))
        {
            string suggestion = NearestName.Suggest(chosen.Text, _organizations.Keys);
            errors.Add(chosen, $"defaultOrganization {Printable.Quote(chosen.Text)} is none of the organizations{suggestion}");
        }

        return new OrganizationMap(entry.Mode, _refresh, entry.IdleExit ?? OrganizationMap.DefaultIdleExit, _organizations, _bindings);
    }

    private void Add(OrganizationEntry organization)
    {
        List<Registry> registries = [];
        if (!_organizations.TryAdd(organization.Name.Text, new Organization(organization.Name.Text, organization.Id?.Text, registries)))
        {
            errors.Add(organization.Name, $"{Printable.Quote(organization.Name.Text)} is the name of two organizations");
        }

        if (organization.Id is { } id && !_ids.Add(id.Text))
        {
            errors.Add(id, $"{Printable.Quote(id.Text)} is the id of two organizations");
        }

        foreach (RegistryEntry registry in organization.Registries)
        {
            RefreshPolicy refresh = registry.Refresh.Over(_refresh);
            List<(string Host, RegistrySource Source)> hosts = [];
            foreach (HostEntry host in registry.Hosts)
            {
                if (Source(host, registry.Source) is { } source)
                {
                    Bind(host, new Binding(host.Reference.Host, organization.Name.Text, "", source, refresh));
                    hosts.Add((host.Reference.Host, source));
                }
            }

            // One entry may name the hosts of several registries, which then share their settings.
            registries.AddRange(
                from host in hosts
                group host.Host by host.Source into same
                select new Registry([.. same], registry.RepositoryPrefix ?? "", same.Key, refresh, RepositoryDefaults.None));
        }
    }

    private void Bind(HostEntry host, Binding binding)
    {
        if (!_bindings.TryAdd(binding.Host, binding))
        {
            string? owner = _bindings[binding.Host].Organization;
            errors.Add(host.Written, $"{Printable.Quote(host.Written.Text)} is mapped twice; organization \"{owner}\" has it already");
        }
    }

    private EcrSource? Source(HostEntry host, SourceEntry source) =>
        (source.IsPublic ? PublicRegistry(host, source) : PrivateRegistry(host, source)) is { } registry
            ? EcrSource.Of(registry) with { Profile = source.Profile ?? DefaultProfile, Endpoint = source.Endpoint }
            : null;

    private EcrHost? PublicRegistry(HostEntry host, SourceEntry source)
    {
        foreach (Located? setting in (ReadOnlySpan<Located?>)[source.AccountId, source.Region])
        {
            if (setting is { } value)
            {
                errors.Add(value, $"{Printable.Quote(value.Text)}: the public gallery has neither account nor region");
                return null;
            }
        }

        return host.Reference.Ecr switch
        {
            { IsPublic: false } => Refuse(host, "is a private registry: its type is \"ecr\""),
            { } gallery => gallery,
            null => Proxy(host, EcrHost.PublicGallery()),
        };
    }

    private EcrHost? PrivateRegistry(HostEntry host, SourceEntry source)
    {
        if (host.Reference.Ecr is not { } registry)
        {
            return source is { AccountId: { } account, Region: { } region }
                ? Proxy(host, EcrHost.Private(account.Text, region.Text))
                : Refuse(host, "does not say which registry it stands for: its source needs \"accountId\" and \"region\"");
        }

        if (registry.IsPublic)
        {
            return Refuse(host, "is the public gallery: its type is \"ecr-public\"");
        }

        bool agrees = Agrees(host, source.AccountId, "account", registry.AccountId);
        return Agrees(host, source.Region, "region", registry.Region) && agrees ? registry : null;
    }

    private bool Agrees(HostEntry host, Located? written, string what, string? inHost)
    {
        if (written is not { } value || value.Text == inHost)
        {
            return true;
        }

        errors.Add(value, $"{Printable.Quote(value.Text)} is not the {what} of {host.Reference.Host}");
        return false;
    }

    /// <summary>Docker Hub is nobody's front for ECR, and an ECR token sent there would be a leak.</summary>
    private EcrHost? Proxy(HostEntry host, EcrHost? registry) =>
        host.Reference.Host == RegistryReference.DockerHub ? Refuse(host, "is Docker Hub, which is no ECR registry") : registry;

    private EcrHost? Refuse(HostEntry host, string why)
    {
        errors.Add(host.Written, $"{Printable.Quote(host.Written.Text)} {why}");
        return null;
    }
}
