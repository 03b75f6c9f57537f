using System.Text.Json;
using Ark.Aws;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Repositories;
using Ark.Core.Sources;
using Ark.Daemon.Logging;
using Ark.Messages;
using Ark.Wire;
using Ark.Wire.Registries;
using Microsoft.Extensions.Logging;
using RepositoryPage = Ark.Aws.RepositoryPage;

namespace Ark.Daemon.Handlers;

/// <summary>
/// The verbs for repositories: what the configuration says of an organization, and what AWS does to it. Nothing is kept between requests;
/// where the next page begins is AWS's own token.
/// </summary>
internal sealed class RepositoryHandler(EcrRepositories repositories, ILogger log)
{
    /// <summary>One page, of one registry.</summary>
    public async Task<Reply> ListAsync(RequestContext context, CancellationToken cancellationToken)
    {
        if (!Find(context).Succeeded(out Subject? subject, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        (RepositoryRequest request, RepositoryTarget target) = subject;
        Outcome<RepositoryPage> outcome = await repositories.ListAsync(
            target.Source, context.Caller, target.Registry.RepositoryPrefix, request.NextToken, cancellationToken);
        if (!outcome.Succeeded(out RepositoryPage? page, out problem))
        {
            return Fail(target, problem);
        }

        IReadOnlyList<string> apart = target.ListedApart;
        IEnumerable<string> names = page.Names.Where(name => !apart.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
        return Replies.Json(
            new Messages.RepositoryPage
            {
                Repositories = [.. names.Select(name => Entry(target, name))],
                NextToken = page.NextToken,
            },
            MessagesJson.Default.RepositoryPage);
    }

    public async Task<Reply> CreateAsync(RequestContext context, CancellationToken cancellationToken)
    {
        if (!Find(context).Succeeded(out Subject? subject, out Problem? problem)
            || !subject.Name.Succeeded(out RepositoryName? name, out problem))
        {
            return Replies.Failure(problem);
        }

        (RepositoryRequest request, RepositoryTarget target) = subject;
        Outcome<CreatedRepository> outcome = await repositories.CreateAsync(
            target.Source, context.Caller, name, target.Registry.Defaults, request.IfNotExists, cancellationToken);
        if (!outcome.Succeeded(out CreatedRepository? created, out problem))
        {
            return Fail(target, problem);
        }

        string url = target.UrlOf(name.Path);
        if (created.Existed)
        {
            return Replies.Text(0, url, $"ark: note: {url} existed already");
        }

        log.RepositoryChanged("created", url, target.Name);
        return Replies.Text(0, url);
    }

    public async Task<Reply> DeleteAsync(RequestContext context, CancellationToken cancellationToken)
    {
        if (!Find(context).Succeeded(out Subject? subject, out Problem? problem)
            || !subject.Name.Succeeded(out RepositoryName? name, out problem))
        {
            return Replies.Failure(problem);
        }

        (RepositoryRequest request, RepositoryTarget target) = subject;
        Outcome<RepositoryName> outcome =
            await repositories.DeleteAsync(target.Source, context.Caller, name, request.Force, cancellationToken);
        if (!outcome.Succeeded(out _, out problem))
        {
            return Fail(target, problem);
        }

        log.RepositoryChanged("deleted", target.UrlOf(name.Path), target.Name);
        return Replies.Text(0, target.UrlOf(name.Path));
    }

    /// <summary>Where a repository is or would be; AWS is not asked.</summary>
    public static Reply Locate(RequestContext context) =>
        Find(context).Succeeded(out Subject? subject, out Problem? problem)
            && subject.Name.Succeeded(out RepositoryName? name, out problem)
            ? Replies.Text(0, subject.Target.UrlOf(name.Path))
            : Replies.Failure(problem);

    private static RepositoryRequest? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            RepositoryRequest? request = JsonSerializer.Deserialize(json, MessagesJson.Default.RepositoryRequest);
            return request is { Registry: null or >= 0 } ? request : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Outcome<Subject> Find(RequestContext context)
    {
        if (Parse(context.Payload) is not { } request)
        {
            return new Problem(
                ProblemKind.BadSetting, "the request is not the JSON of its verb", "install one version of ark, then: ark daemon restart");
        }

        return context.Loaded.Succeeded(out ConfigurationOutcome.Loaded? loaded, out Problem? problem)
            && new RepositoryTargets(loaded, context.Caller).Find(request).Succeeded(out RepositoryTarget? target, out problem)
            ? new Subject(request, target)
            : problem;
    }

    private static RepositoryEntry Entry(RepositoryTarget target, string name) =>
        new() { Organization = target.Name, Id = target.Organization?.Id, Url = target.UrlOf(name) };

    private Reply Fail(RepositoryTarget target, Problem problem)
    {
        log.Failed(target.Registry.Hosts[0], target.Name, problem.Kind, problem.Message);
        return Replies.Failure(problem);
    }

    /// <summary>What a request is about.</summary>
    private sealed record Subject(RepositoryRequest Request, RepositoryTarget Target)
    {
        public Outcome<RepositoryName> Name => RepositoryName.Parse(
            Target.Path is null ? Target.Registry.RepositoryPrefix : "", Target.Path ?? Request.Name ?? "");
    }
}

/// <summary>A registry in which somebody's repositories are, or would be.</summary>
/// <param name="Organization">Whose they are; null where the configuration does not name the registry, and the caller asks.</param>
/// <param name="Registry">Its hosts, its prefix, and what its new repositories are like.</param>
/// <param name="Source">Who asks.</param>
internal sealed record RepositoryTarget(Organization? Organization, Registry Registry, EcrSource Source)
{
    /// <summary>The whole path of the repository, where the request names its registry too.</summary>
    public string? Path { get; init; }

    /// <summary>The organization, for the log.</summary>
    public string Name => Organization?.Name ?? "-";

    /// <summary>
    /// The prefixes, each with its slash, whose repositories are listed with another registry of the organization at a host of this one:
    /// as with credentials, the longest prefix decides.
    /// </summary>
    public IReadOnlyList<string> ListedApart =>
    [
        .. from other in Organization?.Registries ?? []
           where other.Source is EcrSource { Service: EcrService.Ecr }
               && other.RepositoryPrefix.Length > Registry.RepositoryPrefix.Length
               && other.Hosts.Intersect(Registry.Hosts).Any()
           select $"{other.RepositoryPrefix}/",
    ];

    private string Host =>
        Registry.Hosts.FirstOrDefault(host => !host.Contains('*', StringComparison.Ordinal))
        ?? EcrHost.NameOf(Source.AccountId ?? "", Source.Region)
        ?? Registry.Hosts[0];

    /// <summary>
    /// Where people push to: below the first of the registry's hosts, which where it is ECR's own gives ECR's own <c>repositoryUri</c>. A
    /// pattern is no host.
    /// </summary>
    public string UrlOf(string repository) => $"{Host}/{repository}";
}
