using Ark.Core.Registries;
using Ark.Core.Repositories;

namespace Ark.Core.Map;

/// <summary>
/// Reads the shape of the map: which properties there are, and each value's own rules. What is wrong becomes an error, reading goes on,
/// and null comes back in its place.
/// </summary>
internal static class MapSyntax
{
    internal static readonly string[] RootProperties = ["$schema", "mode", "defaultOrganization", "chain", "refresh", "idleExit", "organizations"];
    internal static readonly string[] OrganizationProperties = ["id", "name", "registries"];
    internal static readonly string[] RegistryProperties = ["hosts", "repositoryPrefix", "source", "refresh", "repositoryDefaults"];
    internal static readonly string[] RefreshProperties = ["at", "minRemaining"];

    public static MapEntry Root(ref MapReader json)
    {
        var map = new MapEntry();
        _ = json.Read();
        if (!json.IsObject("the map"))
        {
            return map;
        }

        uint seen = 0;
        while (json.NextProperty(RootProperties, ref seen) is { } property)
        {
            switch (property)
            {
                case "mode":
                    map = map with { Mode = Mode(ref json) };
                    break;
                case "defaultOrganization":
                    map = map with { DefaultOrganization = json.OptionalString(property) };
                    break;
                case "chain":
                    map = map with { Chain = MapRules.Helper(ref json, property) };
                    break;
                case "refresh":
                    map = map with { Refresh = Refresh(ref json) };
                    break;
                case "idleExit":
                    map = map with { IdleExit = MapRules.IdleExit(ref json) };
                    break;
                case "organizations":
                    map = map with { Organizations = Organizations(ref json) };
                    break;
                default:
                    // $schema is for editors.
                    _ = json.OptionalString(property);
                    break;
            }
        }

        return map;
    }

    private static MapMode Mode(ref MapReader json)
    {
        Located? mode = json.String("mode");
        if (mode is { Text: not ("auto" or "mapped-only") })
        {
            json.Errors.Add(mode.Value, $"mode is \"auto\" or \"mapped-only\", not {Printable.Quote(mode.Value.Text)}");
        }

        return mode?.Text == "mapped-only" ? MapMode.MappedOnly : MapMode.Auto;
    }

    private static RefreshEntry Refresh(ref MapReader json)
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
                at = MapRules.RefreshAt(ref json);
            }
            else
            {
                minRemaining = MapRules.MinRemaining(ref json);
            }
        }

        return new RefreshEntry(at, minRemaining);
    }

    private static List<OrganizationEntry> Organizations(ref MapReader json)
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

    private static OrganizationEntry? Organization(ref MapReader json)
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
                    id = MapRules.Id(ref json);
                    break;
                case "name":
                    name = MapRules.Name(ref json);
                    break;
                default:
                    registries = Registries(ref json);
                    break;
            }
        }

        json.Require(OrganizationProperties, seen, start, "an organization", "name", "registries");
        return name is { } known && registries is not null ? new OrganizationEntry(known, id, registries) : null;
    }

    private static List<RegistryEntry> Registries(ref MapReader json)
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

    private static RegistryEntry? Registry(ref MapReader json)
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
                    source = MapSource.Read(ref json);
                    break;
                case "refresh":
                    refresh = Refresh(ref json);
                    break;
                case "repositoryDefaults":
                    defaults = MapDefaults.Read(ref json);
                    break;
                default:
                    prefix = MapRules.RepositoryPrefix(ref json);
                    break;
            }
        }

        json.Require(RegistryProperties, seen, start, "a registry", "hosts", "source");
        return hosts is not null && source is not null ? new RegistryEntry(hosts, prefix, source, refresh, defaults) : null;
    }

    private static List<HostEntry> Hosts(ref MapReader json)
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
            if (MapRules.Host(ref json) is { } host)
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
