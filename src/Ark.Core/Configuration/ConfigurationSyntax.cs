using Ark.Core.Repositories;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>
/// Reads the shape of the configuration: which properties there are, and each value's own rules. What is wrong becomes an error, reading goes on,
/// and null comes back in its place.
/// </summary>
internal static class ConfigurationSyntax
{
    internal static readonly string[] RootProperties = ["$schema", "mode", "defaultOrganization", "chain", "refresh", "idleExit", "organizations"];
    internal static readonly string[] OrganizationProperties = ["id", "name", "registries"];
    internal static readonly string[] RegistryProperties = ["hosts", "repositoryPrefix", "source", "refresh", "repositoryDefaults"];
    internal static readonly string[] RefreshProperties = ["at", "minRemaining"];

    public static ConfigurationEntry Root(ref ConfigurationReader json)
    {
        var configuration = new ConfigurationEntry();
        _ = json.Read();
        if (!json.IsObject("the configuration"))
        {
            return configuration;
        }

        uint seen = 0;
        while (json.NextProperty(RootProperties, ref seen) is { } property)
        {
            switch (property)
            {
                case "mode":
                    configuration = configuration with { Mode = Mode(ref json) };
                    break;
                case "defaultOrganization":
                    configuration = configuration with { DefaultOrganization = json.OptionalString(property) };
                    break;
                case "chain":
                    configuration = configuration with { FallbackHelper = ConfigurationRules.Helper(ref json, property) };
                    break;
                case "refresh":
                    configuration = configuration with { Refresh = Refresh(ref json) };
                    break;
                case "idleExit":
                    configuration = configuration with { IdleExit = ConfigurationRules.IdleExit(ref json) };
                    break;
                case "organizations":
                    configuration = configuration with { Organizations = Organizations(ref json) };
                    break;
                default:
                    // $schema is for editors.
                    _ = json.OptionalString(property);
                    break;
            }
        }

        return configuration;
    }

    private static ServingMode Mode(ref ConfigurationReader json)
    {
        Located? mode = json.String("mode");
        if (mode is { Text: not ("auto" or "mapped-only") })
        {
            json.Errors.Add(mode.Value, $"mode is \"auto\" or \"mapped-only\", not {TextSanitizer.Quote(mode.Value.Text)}");
        }

        return mode?.Text == "mapped-only" ? ServingMode.MappedOnly : ServingMode.Auto;
    }

    private static RefreshEntry Refresh(ref ConfigurationReader json)
    {
        double? at = null;
        TimeSpan? minRemaining = null;
        if (!json.IsObject("refresh"))
        {
            return RefreshEntry.None;
        }

        uint seen = 0;
        while (json.NextProperty(RefreshProperties, ref seen) is { } property)
        {
            if (property == "at")
            {
                at = ConfigurationRules.RefreshAt(ref json);
            }
            else
            {
                minRemaining = ConfigurationRules.MinRemaining(ref json);
            }
        }

        return new RefreshEntry(at, minRemaining);
    }

    private static List<OrganizationEntry> Organizations(ref ConfigurationReader json)
    {
        var organizations = new List<OrganizationEntry>();
        if (json.IsArray("organizations"))
        {
            while (json.NextItem())
            {
                if (Organization(ref json) is { } organization)
                {
                    organizations.Add(organization);
                }
            }
        }

        return organizations;
    }

    private static OrganizationEntry? Organization(ref ConfigurationReader json)
    {
        long start = json.Offset;
        if (!json.IsObject("an organization"))
        {
            return null;
        }

        Located? id = null;
        Located? name = null;
        List<RegistryEntry>? registries = null;
        uint seen = 0;
        while (json.NextProperty(OrganizationProperties, ref seen) is { } property)
        {
            switch (property)
            {
                case "id":
                    id = ConfigurationRules.Id(ref json);
                    break;
                case "name":
                    name = ConfigurationRules.Name(ref json);
                    break;
                default:
                    registries = Registries(ref json);
                    break;
            }
        }

        json.Require(OrganizationProperties, seen, start, "an organization", "name", "registries");
        return name is { } known && registries is not null ? new OrganizationEntry(known, id, registries) : null;
    }

    private static List<RegistryEntry> Registries(ref ConfigurationReader json)
    {
        var registries = new List<RegistryEntry>();
        if (json.IsArray("registries"))
        {
            while (json.NextItem())
            {
                if (Registry(ref json) is { } registry)
                {
                    registries.Add(registry);
                }
            }
        }

        return registries;
    }

    private static RegistryEntry? Registry(ref ConfigurationReader json)
    {
        long start = json.Offset;
        if (!json.IsObject("a registry"))
        {
            return null;
        }

        List<HostEntry>? hosts = null;
        SourceEntry? source = null;
        string prefix = "";
        RefreshEntry refresh = RefreshEntry.None;
        RepositoryDefaults defaults = RepositoryDefaults.None;
        uint seen = 0;
        while (json.NextProperty(RegistryProperties, ref seen) is { } property)
        {
            switch (property)
            {
                case "hosts":
                    hosts = Hosts(ref json);
                    break;
                case "source":
                    source = SourceSyntax.Read(ref json);
                    break;
                case "refresh":
                    refresh = Refresh(ref json);
                    break;
                case "repositoryDefaults":
                    defaults = ConfigurationDefaults.Read(ref json);
                    break;
                default:
                    prefix = ConfigurationRules.RepositoryPrefix(ref json);
                    break;
            }
        }

        json.Require(RegistryProperties, seen, start, "a registry", "hosts", "source");
        return hosts is not null && source is not null ? new RegistryEntry(hosts, prefix, source, refresh, defaults) : null;
    }

    private static List<HostEntry> Hosts(ref ConfigurationReader json)
    {
        var hosts = new List<HostEntry>();
        long start = json.Offset;
        if (!json.IsArray("hosts"))
        {
            return hosts;
        }

        bool any = false;
        while (json.NextItem())
        {
            any = true;
            if (ConfigurationRules.Host(ref json) is { } host)
            {
                hosts.Add(host);
            }
        }

        if (!any)
        {
            json.Errors.Add(start, "[]", "hosts is [], but a registry needs one at least");
        }

        return hosts;
    }
}
