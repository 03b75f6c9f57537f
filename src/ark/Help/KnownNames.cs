using System.CommandLine;
using System.CommandLine.Completions;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Help;

/// <summary>Completes registry hosts and organizations from a daemon that runs; a key that is pressed never starts one.</summary>
internal sealed class KnownNames(DaemonQueries queries)
{
    private static readonly string[] ForHosts = ["registry", "host", "image", "host|image", "--host"];
    private static readonly string[] ForOrganizations = ["organization", "--organization"];

    /// <summary>Lets all arguments and options that take such names complete them.</summary>
    public void AddTo(Command command)
    {
        foreach (Argument argument in command.Arguments)
        {
            Add(argument.Name, command, argument.CompletionSources);
        }

        foreach (Option option in command.Options)
        {
            Add(option.Name, command, option.CompletionSources);
        }

        command.Subcommands.ToList().ForEach(AddTo);
    }

    private void Add(string name, Command command, List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources)
    {
        if (ForHosts.Contains(name))
        {
            sources.Add(_ => Items(Hosts));
        }
        else if (ForOrganizations.Contains(name) || (name == "name" && command.Name == "show"))
        {
            sources.Add(_ => Items(Organizations));
        }
    }

    private static IEnumerable<CompletionItem> Items(Func<IEnumerable<string>> names)
    {
        try
        {
            return [.. names().Distinct().Order(StringComparer.Ordinal).Select(static name => new CompletionItem(name))];
        }
        catch (UserError)
        {
            // Nobody reads an error in the middle of a line.
            return [];
        }
    }

    private IEnumerable<string> Organizations() => Configured?.Organizations.Select(static organization => organization.Name) ?? [];

    private IEnumerable<string> Hosts() =>
    [
        .. Configured?.Organizations
            .SelectMany(static organization => organization.Registries)
            .SelectMany(static registry => registry.Hosts)
            .Where(static host => !host.Contains('*', StringComparison.Ordinal)) ?? [],
        .. Answer(Verb.Status) is { } status ? DaemonQueries.ReadStatus(status).Entries.Select(static entry => entry.Host) : [],
    ];

    private OrganizationsReport? Configured => Answer(Verb.Organizations) is { } answer ? DaemonQueries.ReadOrganizations(answer) : null;

    private byte[]? Answer(Verb verb) => queries.AskIfRunning(verb) is { ExitCode: 0 } reply ? reply.Stdout : null;
}
