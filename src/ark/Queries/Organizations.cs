using Ark.Cli.Output;
using Ark.Messages;

namespace Ark.Cli.Queries;

/// <summary>The organizations of the configuration, as commands look for them.</summary>
internal static class Organizations
{
    /// <summary>The organization to use where several match and nothing else chooses; null when nothing does.</summary>
    public static string? Chosen(this OrganizationsReport report) => report.Using ?? report.DefaultOrganization;

    /// <summary>Where the configuration is or is to be.</summary>
    /// <exception cref="UserError">There is no such place.</exception>
    public static string Path(this OrganizationsReport report) => PathOf(report.File);

    /// <summary>The organization of this name or id.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public static OrganizationEntry Find(this OrganizationsReport report, string nameOrId) =>
        report.Organizations.FirstOrDefault(each => each.IsCalled(nameOrId))
            ?? throw new UserError($"no organization \"{nameOrId}\" in {report.File ?? "the configuration"}", "see: ark org list");

    /// <summary>What the column <c>Organization</c> shows: the id, which is a GUID, or the name where there is none.</summary>
    public static string Label(this OrganizationEntry organization) => organization.Id ?? organization.Name;

    /// <summary>True for its name, and for its id in whichever case it was typed.</summary>
    public static bool IsCalled(this OrganizationEntry organization, string nameOrId) =>
        organization.Name == nameOrId || string.Equals(organization.Id, nameOrId, StringComparison.OrdinalIgnoreCase);

    /// <summary>False where there are only patterns, which stand for registries that nobody knows before an image is asked for.</summary>
    public static bool HasHost(this RegistryEntry registry) =>
        registry.Hosts.Any(host => !host.Contains('*', StringComparison.Ordinal));

    /// <exception cref="UserError">It is no such place.</exception>
    internal static string PathOf(string? file) => file is { Length: > 0 } && System.IO.Path.IsPathFullyQualified(file)
        ? file
        : throw new UserError("cannot determine the configuration path", "set HOME, or set ARK_CONFIG to its absolute path");
}
