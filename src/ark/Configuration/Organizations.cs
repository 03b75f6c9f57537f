using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Configuration;

/// <summary>The organizations of the configuration, as commands look for them.</summary>
internal static class Organizations
{
    /// <summary>Asks the daemon.</summary>
    /// <exception cref="UserError">It could not be asked, or its answer is none.</exception>
    /// <exception cref="DaemonError">There is a configuration, but no good one.</exception>
    public static OrganizationsReport Ask(IDaemon daemon, Terminal terminal) => Read(terminal.Answer(daemon, Verb.Organizations, []));

    /// <summary>Where the configuration is or is to be, whatever is in it.</summary>
    /// <exception cref="UserError">There is no such place, or the daemon could not be asked.</exception>
    /// <exception cref="DaemonError">The place that was set is none.</exception>
    public static string AskPlace(IDaemon daemon, Terminal terminal) =>
        Place(DaemonJson.Read(terminal.Answer(daemon, Verb.Organizations, "file"u8), MessagesJson.Default.ConfigurationPlace, "organizations").File);

    public static OrganizationsReport Read(ReadOnlySpan<byte> json) => DaemonJson.Read(json, MessagesJson.Default.OrganizationsReport, "organizations");

    /// <summary>Where the configuration is or is to be.</summary>
    /// <exception cref="UserError">There is no such place.</exception>
    public static string Place(this OrganizationsReport report) => Place(report.File);

    /// <summary>The one that answers where several could, when nothing else chooses; null when nothing does.</summary>
    public static string? Chosen(this OrganizationsReport report) => report.Using ?? report.DefaultOrganization;

    /// <summary>The organization of this name or id.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public static OrganizationEntry Find(this OrganizationsReport report, string nameOrId) =>
        report.Organizations.FirstOrDefault(each => each.IsCalled(nameOrId))
            ?? throw new UserError($"the configuration has no organization \"{TextSanitizer.Line(nameOrId)}\"", "ark org list shows those it has");

    /// <summary>What stands in the column <c>Organization</c>: the id, which is a GUID, or the name where the configuration gives none.</summary>
    public static string Label(this OrganizationEntry organization) => organization.Id ?? organization.Name;

    /// <summary>True for its name, and for its id in whichever case it was typed.</summary>
    public static bool IsCalled(this OrganizationEntry organization, string nameOrId) =>
        organization.Name == nameOrId || (organization.Id is { } id && id.Equals(nameOrId, StringComparison.OrdinalIgnoreCase));

    /// <summary>False where there are only patterns, which stand for registries that nobody knows before an image of theirs is asked for.</summary>
    public static bool HasHost(this RegistryEntry registry) => registry.Hosts.Any(host => !host.Contains('*', StringComparison.Ordinal));

    private static string Place(string? file) => file is { Length: > 0 } && Path.IsPathFullyQualified(file)
        ? file
        : throw new UserError("there is no telling where the configuration is to be", "set HOME, or ARK_CONFIG to its absolute path");
}
