using Ark.Cli.Output;
using Ark.Messages;

namespace Ark.Cli.Queries;

/// <summary>
/// Every repository of some organizations, page by page. What cannot be listed is remembered and left out, so that one broken
/// organization does not hide the others.
/// </summary>
internal sealed class RepositoryListing(DaemonQueries queries)
{
    /// <summary>What AWS lets a registry have, unless it is asked for more.</summary>
    private const int MostRepositories = 100_000;

    private readonly List<(string, UserError)> _omissions = [];

    /// <summary>The organizations that had to be left out so far, each with the reason.</summary>
    public IReadOnlyList<(string Organization, UserError Reason)> Omissions => _omissions;

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
                _omissions.Add((organization.Name, new UserError(
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
            _omissions.Add((request.Organization, e));
            return null;
        }
    }
}

/// <summary>A repository, as it is listed.</summary>
/// <param name="Organization">The id of its organization, else the name.</param>
/// <param name="Url">Where it is pushed to: host and path, no scheme, no tag.</param>
internal sealed record ListedRepository(string Organization, string Url);
