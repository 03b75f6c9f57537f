using System.Text.Json;
using Ark.Cli.Configuration;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Repositories;

/// <summary>
/// Every repository of some organizations, page by page. What cannot be listed is remembered and passed over, so that one broken
/// organization does not hide the others.
/// </summary>
internal sealed class RepositoryListing(IDaemon daemon)
{
    /// <summary>What AWS lets a registry have, unless it is asked for more.</summary>
    private const int MostRepositories = 100_000;

    private readonly List<Omission> _omissions = [];

    /// <summary>What had to be left out so far.</summary>
    public IReadOnlyList<Omission> Omissions => _omissions;

    /// <summary>The pages as they come, without empty ones. Only ECR can list repositories, and only where a host is named; the rest is passed over.</summary>
    public IEnumerable<IReadOnlyList<ListedRepository>> Pages(IEnumerable<OrganizationEntry> organizations) =>
        from organization in organizations
        from place in Enumerable.Range(0, organization.Registries.Count)
        where organization.Registries[place] is { Source.Type: "ecr" } registry && registry.HasHost()
        from page in Pages(organization, place)
        where page.Count > 0
        select page;

    private IEnumerable<IReadOnlyList<ListedRepository>> Pages(OrganizationEntry organization, int registry)
    {
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        var listed = 0;
        string? token = null;
        do
        {
            if (Ask(organization, new RepositoryRequest { Organization = organization.Name, Registry = registry, NextToken = token }) is not { } page)
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
                _omissions.Add(new Omission(
                    organization.Name, "its list of repositories has no end, or more than 100000 entries", "check the endpoint of its registry in the configuration"));
                yield break;
            }
        }
        while (token is { Length: > 0 });
    }

    private RepositoryPage? Ask(OrganizationEntry organization, RepositoryRequest request)
    {
        try
        {
            var reply = daemon.AskFor(
                Verb.ListRepositories, JsonSerializer.SerializeToUtf8Bytes(request, MessagesJson.Default.RepositoryRequest), StartMode.StartIfAbsent)!;
            if (reply.ExitCode == 0)
            {
                return DaemonJson.Read(reply.Stdout, MessagesJson.Default.RepositoryPage, "list of repositories");
            }

            var (message, hint) = reply.Reason() ?? ("the daemon gave no reason", "look at what ark daemon run says");
            _omissions.Add(new Omission(organization.Name, message, hint));
        }
        catch (UserError e)
        {
            _omissions.Add(new Omission(organization.Name, e.Message, e.Hint));
        }

        return null;
    }
}

/// <summary>A registry that could not be listed, or not to its end.</summary>
internal sealed record Omission(string Organization, string Message, string? Hint);
