using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark repo</c>: the repositories of the organizations.</summary>
internal sealed class RepoCommand(DaemonQueries queries, Terminal terminal)
{
    /// <summary>The id that users of the catalog know for all organizations together.</summary>
    private const string AllOrganizations = "77777777-7777-4777-7777-777777777777";

    private readonly Option<string?> _organization =
        Options.Text("--organization", "ORG", "the organization, by name or id, where nothing else decides", "-o");

    private readonly Option<string?> _host = Options.Text("--host", "HOST", "the registry, where the organization has several");

    public Command ToCommand() => new CommandWithExamples("repo", "list, create, locate and delete repositories", """
        Examples:
          ark repo list
          ark repo create catalog/extract-video --organization acme
          ark repo create 123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app
          docker push "$(ark repo url catalog/extract-video --organization acme):1.0"

        NAME is the part below the organization's repository prefix, which is taken from the configuration, or the whole name with
        its registry. Without --organization the registry decides, then ARK_ORGANIZATION, ark use, the configuration's default, and
        the organization that is the only one.
        """) { List(), Create(), Url(), Delete() };

    /// <summary>Lists the repositories of one organization, or of all.</summary>
    public int List(string? organization, bool json)
    {
        OrganizationsReport report = queries.Organizations();
        IReadOnlyList<OrganizationEntry> chosen =
            organization is null or AllOrganizations ? report.Organizations : [report.Find(organization)];
        if (chosen.Count == 0)
        {
            throw new UserError("no organizations are configured", "ark init proposes a configuration");
        }

        var listing = new RepositoryListing(queries);
        if (json)
        {
            PrintJson(listing, chosen);
        }
        else
        {
            PrintTable(listing, chosen);
        }

        foreach ((string name, ProblemEntry reason) in listing.Omissions)
        {
            terminal.Warn($"{name} is left out: {reason.Message}", reason.Hint, reason.Code);
        }

        return listing.Omissions.Count == 0 ? 0 : 1;
    }

    private CommandWithExamples List()
    {
        Option<string?> organization = Options.Text("--organization", "ORG", "only this organization, by name or id", "-o");
        Option<bool> json = Options.Json;
        var command = new CommandWithExamples("list", "list the repositories of all organizations", """
            Examples:
              ark repo list
              ark repo list --organization acme
              ark repo list --json | jq -r '.repositories[].url'

            An organization that cannot be listed is left out with a warning, in JSON under omitted, and the exit code is 1.
            """) { organization, json };
        command.SetAction(parsed => List(parsed.GetValue(organization), parsed.GetValue(json)));
        return command;
    }

    private CommandWithExamples Create()
    {
        Argument<string[]> names = Options.Several("name", "the name below the organization's prefix, or with its registry");
        Option<bool> ifNotExists = Options.Flag("--if-not-exists", "succeed if it exists");
        Option<bool> parents = Options.Flag("--parents", "also create one for every path above it, as some tools need", "-p");
        var command = new CommandWithExamples("create", "create repositories and print their URLs, a line each", """
            Examples:
              ark repo create catalog/extract-video --organization acme
              ark repo create spectro-packs/archive/nginx --parents --if-not-exists --organization acme

            Tag mutability, encryption, scanning, tags and policies are taken from the organization in the configuration.
            """) { names, _organization, _host, ifNotExists, parents };
        command.SetAction(parsed => Create(parsed, parsed.GetRequiredValue(names), parsed.GetValue(ifNotExists), parsed.GetValue(parents)));
        return command;
    }

    private CommandWithExamples Url()
    {
        var name = new Argument<string>("name") { Description = "the name below the organization's prefix, or with its registry" };
        var command = new CommandWithExamples("url", "print the URL of a repository, whether it exists or not, without asking AWS", """
            Examples:
              ark repo url catalog/extract-video --organization acme
              docker tag app "$(ark repo url app --organization acme):latest"
            """) { name, _organization, _host };
        command.SetAction(parsed =>
        {
            terminal.WriteLine(queries.Repository(Verb.LocateRepository, Request(parsed, parsed.GetRequiredValue(name))));
            return 0;
        });
        return command;
    }

    private CommandWithExamples Delete()
    {
        var name = new Argument<string>("name") { Description = "the name below the organization's prefix, or with its registry" };
        Option<bool> force = Options.Flag("--force", "delete its images too; without it, a repository with images is kept");
        Option<bool> yes = Options.Flag("--yes", "delete without asking", "-y");
        var command = new CommandWithExamples("delete", "delete a repository, after asking", """
            Examples:
              ark repo delete catalog/extract-video --organization acme
              ark repo delete catalog/extract-video --organization acme --force --yes
            """) { name, _organization, _host, force, yes };
        command.SetAction(parsed =>
            Delete(Request(parsed, parsed.GetRequiredValue(name)) with { Force = parsed.GetValue(force) }, parsed.GetValue(yes)));
        return command;
    }

    private RepositoryRequest Request(ParseResult parsed, string name) =>
        new() { Organization = parsed.GetValue(_organization), Name = name, Host = parsed.GetValue(_host) };

    private void PrintTable(RepositoryListing listing, IEnumerable<OrganizationEntry> organizations)
    {
        using Progress progress = terminal.ShowProgress("repositories");
        PrintRows([["Organization", "URL"]]);
        foreach (IReadOnlyList<ListedRepository> page in listing.Pages(organizations))
        {
            PrintRows([.. page.Select(repository => new[] { repository.Organization, repository.Url })]);
            progress.Advance(page.Count);
        }
    }

    /// <summary>Page by page, so every page must be as wide: scripts expect 36 columns, as long as a GUID, and one blank.</summary>
    private void PrintRows(IReadOnlyList<string[]> rows) => terminal.WriteTable(rows, gap: 1, leastFirstWidth: 36);

    private void PrintJson(RepositoryListing listing, IEnumerable<OrganizationEntry> organizations)
    {
        var all = new List<ListedRepository>();
        using (Progress progress = terminal.ShowProgress("repositories"))
        {
            foreach (IReadOnlyList<ListedRepository> page in listing.Pages(organizations))
            {
                all.AddRange(page);
                progress.Advance(page.Count);
            }
        }

        terminal.WriteResult(JsonSerializer.Serialize(
            new RepositoryList(all, [.. listing.Omissions.Select(each => new OmittedOrganization(each.Organization, each.Reason))]),
            RepositoryListJson.Default.RepositoryList));
    }

    /// <summary>Goes on after one that fails: the others were asked for too.</summary>
    private int Create(ParseResult parsed, string[] names, bool ifNotExists, bool parents)
    {
        int exitCode = 0;
        foreach (string name in names)
        {
            RepositoryRequest request = Request(parsed, name);
            try
            {
                if (parents)
                {
                    // A name that ECR would not take must not leave its parents behind.
                    string url = queries.Repository(Verb.LocateRepository, request);
                    for (int slash = name.IndexOf('/', OwnPart(name, url)); slash > 0; slash = name.IndexOf('/', slash + 1))
                    {
                        queries.EnsureRepository(request with { Name = name[..slash] });
                    }
                }

                terminal.WriteLine(queries.Repository(Verb.CreateRepository, request with { IfNotExists = ifNotExists }));
            }
            catch (DaemonError)
            {
                exitCode = 1;
            }
        }

        return exitCode;
    }

    /// <summary>Where the part of a name begins that is below the registry and the organization's prefix.</summary>
    private int OwnPart(string name, string url)
    {
        if (url.EndsWith($"/{name}", StringComparison.Ordinal))
        {
            return 0;
        }

        int prefix = queries.Explain(name).RepositoryPrefix is { Length: > 0 and var length } ? length + 1 : 0;
        return name.IndexOf('/', StringComparison.Ordinal) + 1 + prefix;
    }

    private int Delete(RepositoryRequest request, bool yes)
    {
        if (!yes)
        {
            if (!terminal.CanAsk)
            {
                throw new UserError("refusing to delete without confirmation", "add --yes");
            }

            string url = queries.Repository(Verb.LocateRepository, request with { Force = false });
            if (!terminal.Ask($"delete {url}{(request.Force ? " with every image in it" : "")}?"))
            {
                terminal.WriteLine("nothing was deleted");
                return 1;
            }
        }

        terminal.WriteLine(queries.Repository(Verb.DeleteRepository, request));
        return 0;
    }
}

/// <summary>The output of <c>ark repo list --json</c>, which is a contract.</summary>
internal sealed record RepositoryList(IReadOnlyList<ListedRepository> Repositories, IReadOnlyList<OmittedOrganization> Omitted);

/// <summary>An organization that could not be listed, or not to the end, by its name.</summary>
internal sealed record OmittedOrganization(string Organization, ProblemEntry Problem);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RepositoryList))]
internal sealed partial class RepositoryListJson : JsonSerializerContext;

/// <summary>
/// Every repository of some organizations, page by page. What cannot be listed is remembered and left out, so that one broken
/// organization does not hide the others.
/// </summary>
internal sealed class RepositoryListing(DaemonQueries queries)
{
    /// <summary>What AWS lets a registry have, unless it is asked for more.</summary>
    private const int MostRepositories = 100_000;

    private readonly List<(string, ProblemEntry)> _omissions = [];

    /// <summary>The organizations that had to be left out so far, each with the reason.</summary>
    public IReadOnlyList<(string Organization, ProblemEntry Reason)> Omissions => _omissions;

    /// <summary>
    /// The pages as they come, without empty ones. Only ECR can list repositories, and only where a host is named; the rest is passed over.
    /// </summary>
    public IEnumerable<IReadOnlyList<ListedRepository>> Pages(IEnumerable<OrganizationEntry> organizations) =>
        from organization in organizations
        from place in Enumerable.Range(0, organization.Registries.Count)
        where organization.Registries[place].Source.Type == "ecr" && organization.Registries[place].HasHost()
        from page in Pages(organization, place)
        where page.Count > 0
        select page;

    private IEnumerable<IReadOnlyList<ListedRepository>> Pages(OrganizationEntry organization, int registry)
    {
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        int listed = 0;
        string? token = null;
        do
        {
            var request = new RepositoryRequest { Organization = organization.Name, Registry = registry, NextToken = token };
            if (Ask(request) is not { } page)
            {
                yield break;
            }

            // The column is the same for every repository of an organization, whatever the daemon calls it.
            yield return [.. page.Repositories.Select(repository => new ListedRepository(organization.Label(), repository.Url))];
            token = page.NextToken;
            // An empty page counts too, since there can be any number of them.
            listed += Math.Max(1, page.Repositories.Count);
            if (token is { Length: > 0 } && (listed >= MostRepositories || !tokens.Add(token)))
            {
                _omissions.Add((organization.Name, new ProblemEntry(
                    null,
                    $"its list of repositories does not end, or has more than {MostRepositories} entries",
                    "check the endpoint of its registry in the configuration")));
                yield break;
            }
        }
        while (token is { Length: > 0 });
    }

    private RepositoryPage? Ask(RepositoryRequest request)
    {
        try
        {
            return queries.RepositoryPage(request);
        }
        catch (UserError e)
        {
            _omissions.Add((request.Organization!, e.Problem));
            return null;
        }
    }
}

/// <summary>A repository, as it is listed.</summary>
/// <param name="Organization">The id of its organization, else the name.</param>
/// <param name="Url">Where it is pushed to: host and path, no scheme, no tag.</param>
internal sealed record ListedRepository(string Organization, string Url);
