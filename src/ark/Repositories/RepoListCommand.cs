using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ark.Cli.Configuration;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Repositories;

/// <summary><c>ark repo list</c>: every repository of every organization that has an ECR registry.</summary>
internal sealed class RepoListCommand(IDaemon daemon, Terminal terminal)
{
    /// <summary>The id that users of the catalog know for all organizations together.</summary>
    private const string Everybody = "77777777-7777-4777-7777-777777777777";

    public Command ToCommand()
    {
        var organization = new Option<string?>("--organization", "-o") { Description = "only this one, by name or id", HelpName = "ORG" };
        var json = new Option<bool>("--json") { Description = "print them as JSON, for programs" };
        var command = new HelpExamples("list", "list the repositories of all organizations", """
            Examples:
              ark repo list
              ark repo list --organization acme
              ark repo list --json | jq -r '.repositories[].url'

            An organization whose registry says no is left out with a warning, and the exit code is 1.
            """) { organization, json };
        command.SetAction(parsed => List(parsed.GetValue(organization), parsed.GetValue(json)));
        return command;
    }

    /// <summary>Lists those of one organization, or of all.</summary>
    public int List(string? organization, bool json)
    {
        var report = Organizations.Ask(daemon, terminal);
        var chosen = organization is null or Everybody ? report.Organizations : [report.Find(organization)];
        if (chosen.Count == 0)
        {
            throw new UserError("the configuration binds no organization", "ark init proposes a configuration");
        }

        var listing = new RepositoryListing(daemon);
        if (json)
        {
            PrintJson(listing, chosen);
        }
        else
        {
            PrintTable(listing, chosen);
        }

        foreach (var (name, message, hint) in listing.Omissions)
        {
            terminal.Warn($"{TextSanitizer.Line(name)} is left out: {message}", hint);
        }

        return listing.Omissions.Count == 0 ? 0 : 1;
    }

    private void PrintTable(RepositoryListing listing, IEnumerable<OrganizationEntry> organizations)
    {
        using var progress = new Progress(terminal, "repositories");
        var table = new RepositoryTable(terminal);
        foreach (var page in listing.Pages(organizations))
        {
            table.Add(page);
            progress.Advance(page.Count);
        }
    }

    private void PrintJson(RepositoryListing listing, IEnumerable<OrganizationEntry> organizations)
    {
        var all = new List<ListedRepository>();
        using (var progress = new Progress(terminal, "repositories"))
        {
            foreach (var page in listing.Pages(organizations))
            {
                all.AddRange(page);
                progress.Advance(page.Count);
            }
        }

        terminal.WriteLine(JsonSerializer.Serialize(new RepositoryList(all), RepositoryListJson.Default.RepositoryList));
    }
}

/// <summary>A repository, as it is listed.</summary>
/// <param name="Organization">The id of its organization, else the name.</param>
/// <param name="Url">Where it is pushed to: host and path, no scheme, no tag.</param>
internal sealed record ListedRepository(string Organization, string Url);

/// <summary>The answer of <c>ark repo list --json</c>, which is a contract.</summary>
internal sealed record RepositoryList(IReadOnlyList<ListedRepository> Repositories);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RepositoryList))]
internal sealed partial class RepositoryListJson : JsonSerializerContext;
