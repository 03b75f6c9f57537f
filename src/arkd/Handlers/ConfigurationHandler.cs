using System.Diagnostics;
using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Daemon.Configuration;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Daemon.Handlers;

/// <summary>
/// What people ask about the configuration: the hosts, the organizations, whether a file is valid, and which organization to use.
/// </summary>
internal sealed class ConfigurationHandler(ConfigurationStores configurations)
{
    private static readonly Problem NoPlace =
        new(ProblemKind.BadConfiguration, "cannot determine the configuration path", "set HOME, or set ARK_CONFIG to its absolute path");

    public static Reply Hosts(RequestContext context) =>
        context.Loaded.Succeeded(out ConfigurationOutcome.Loaded? loaded, out Problem? problem)
            ? new Reply(0, Encoding.UTF8.GetBytes(string.Concat(loaded.Configuration.Hosts.Select(host => $"{host}\n"))), [], Build.Current)
            : Replies.Failure(problem);

    public Reply Organizations(RequestContext context)
    {
        if (!configurations.PathFor(context.Caller).Succeeded(out string? path, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        return context.Trimmed.SequenceEqual("file"u8) ? Replies.Json(new ConfigurationPlace(path), MessagesJson.Default.ConfigurationPlace)
            : context.Loaded.Succeeded(out ConfigurationOutcome.Loaded? loaded, out problem)
                ? Replies.Json(Report(path, loaded), MessagesJson.Default.OrganizationsReport)
            : Replies.Failure(problem);
    }

    public Reply Validate(RequestContext context)
    {
        if (!configurations.PathFor(context.Caller).Succeeded(out string? path, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        string file = context.Payload.IsEmpty ? path : Encoding.UTF8.GetString(context.Payload);
        if (!File.Exists(file))
        {
            return Replies.Failure(new Problem(
                ProblemKind.BadConfiguration, $"there is no configuration {file}", "write one, or let `ark init` propose one"));
        }

        return configurations.Validate(file) switch
        {
            ConfigurationOutcome.Loaded(var configuration, _) => Replies.Text(
                0,
                $"{file}: valid, {Count(configuration.Organizations.Count, "organization")}, {Count(configuration.Hosts.Count, "host")}"),
            ConfigurationOutcome.Invalid { Errors: [] } invalid => Replies.Failure(invalid.Problem),
            ConfigurationOutcome.Invalid invalid => Replies.Failure(
                invalid.Problem,
                invalid.Errors.Select(error => error.ToString()),
                file == path ? invalid.Problem.Hint : $"the configuration in use is another: {path}"),
            _ => throw new UnreachableException(),
        };
    }

    public Reply Use(RequestContext context)
    {
        if (!configurations.PathFor(context.Caller).Succeeded(out string? path, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        if (path.Length == 0 || !context.Loaded.Succeeded(out ConfigurationOutcome.Loaded? loaded, out problem))
        {
            return Replies.Failure(problem ?? NoPlace);
        }

        string wanted = Encoding.UTF8.GetString(context.Trimmed);
        Organization? chosen = loaded.Configuration.FindOrganization(wanted);
        if (wanted.Length > 0 && chosen is null)
        {
            return Replies.Failure(new Problem(ProblemKind.BadSetting, $"no organization \"{wanted}\" in {path}", "see: ark org list"));
        }

        try
        {
            UsedOrganization.Write(path, chosen?.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Replies.Failure(new Problem(
                ProblemKind.BadSetting,
                $"the choice cannot be written beside {path}: {e.GetType().Name}",
                $"look at the directory with: ls -ld {Path.GetDirectoryName(path)}"));
        }

        return Replies.Text(0, chosen is not null ? $"using {chosen.Name} where several organizations match" : "no organization is in use");
    }

    private static OrganizationsReport Report(string path, ConfigurationOutcome.Loaded loaded) => new()
    {
        File = path,
        DefaultOrganization = loaded.Configuration.DefaultOrganization,
        Using = loaded.Using,
        FallbackHelper = loaded.Configuration.FallbackHelper,
        Organizations = [.. loaded.Configuration.Organizations.Select(Entry)],
    };

    private static OrganizationEntry Entry(Organization organization) => new()
    {
        Id = organization.Id,
        Name = organization.Name,
        Registries =
        [
            .. organization.Registries.Select(registry => new RegistryEntry
            {
                Hosts = [.. registry.Hosts],
                RepositoryPrefix = registry.RepositoryPrefix,
                Source = new SourceEntry(registry.Type, registry.Source is { } source ? SourceWords.Identity(source) : "by host"),
            }),
        ],
    };

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
