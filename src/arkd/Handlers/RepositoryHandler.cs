using System.Text;
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

        log.RepositoryChanged("created", url, target.Organization.Name);
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

        log.RepositoryChanged("deleted", target.UrlOf(name.Path), target.Organization.Name);
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
            && RepositoryTarget.Find(loaded.Configuration, request).Succeeded(out RepositoryTarget? target, out problem)
            ? new Subject(request, target)
            : problem;
    }

    private static RepositoryEntry Entry(RepositoryTarget target, string name) =>
        new() { Organization = target.Organization.Name, Id = target.Organization.Id, Url = target.UrlOf(name) };

    private Reply Fail(RepositoryTarget target, Problem problem)
    {
        log.Failed(target.Registry.Hosts[0], target.Organization.Name, problem.Kind, problem.Message);
        return Replies.Failure(problem);
    }

    /// <summary>What a request is about.</summary>
    private sealed record Subject(RepositoryRequest Request, RepositoryTarget Target)
    {
        public Outcome<RepositoryName> Name => RepositoryName.Parse(Target.Registry.RepositoryPrefix, Request.Name ?? "");
    }
}

/// <summary>
/// A registry in which an organization's repositories are, or would be. Only private registries of ECR have any that are ours to manage.
/// </summary>
internal sealed record RepositoryTarget(Organization Organization, Registry Registry, EcrSource Source)
{
    /// <summary>
    /// Where people push to: below the first of the registry's hosts, which where it is ECR's own gives ECR's own <c>repositoryUri</c>. A
    /// pattern is no host.
    /// </summary>
    public string UrlOf(string repository) => $"{Host}/{repository}";

    /// <summary>
    /// The prefixes, each with its slash, whose repositories are listed with another registry of the organization at a host of this one:
    /// as with credentials, the longest prefix decides.
    /// </summary>
    public IReadOnlyList<string> ListedApart =>
    [
        .. from other in Organization.Registries
           where other.Source is EcrSource { Service: EcrService.Ecr }
               && other.RepositoryPrefix.Length > Registry.RepositoryPrefix.Length
               && other.Hosts.Intersect(Registry.Hosts).Any()
           select $"{other.RepositoryPrefix}/",
    ];

    private string Host =>
        Registry.Hosts.FirstOrDefault(host => !host.Contains('*', StringComparison.Ordinal))
        ?? EcrHost.NameOf(Source.AccountId ?? "", Source.Region)
        ?? Registry.Hosts[0];

    /// <summary>The registry that a request is for: by one of its hosts, by its place, else the organization's first of ECR.</summary>
    public static Outcome<RepositoryTarget> Find(ArkConfiguration configuration, RepositoryRequest request)
    {
        if (configuration.FindOrganization(request.Organization) is not { } organization)
        {
            return Bad($"the configuration has no organization '{request.Organization}'", "`ark org list` shows those that there are");
        }

        return request switch
        {
            { Host: { } host } => At(organization, host),
            { Registry: { } place } => At(organization, place),
            _ => First(organization),
        };
    }

    private static Outcome<RepositoryTarget> First(Organization organization)
    {
        if (organization.Registries.FirstOrDefault(registry => registry.Source is EcrSource { Service: EcrService.Ecr }) is { } first)
        {
            return Manageable(organization, first);
        }

        string types = string.Join(", ", organization.Registries.Select(registry => registry.Type).Distinct());
        return Bad(
            $"organization {organization.Name} has no private ECR registry{(types.Length > 0 ? $", only {types}" : "")}",
            "ark manages repositories of private ECR registries; bind one to the organization in the configuration");
    }

    private static Outcome<RepositoryTarget> At(Organization organization, string host)
    {
        string? canonical =
            RegistryReference.Parse(Encoding.UTF8.GetBytes(host)) is RegistryParse.Parsed(var reference) ? reference.Host : null;
        return organization.Registries.FirstOrDefault(registry => canonical is not null && registry.Hosts.Contains(canonical)) is { } found
            ? Manageable(organization, found)
            : Bad(
                $"organization {organization.Name} has no registry '{host}'",
                $"it has {string.Join(", ", organization.Registries.Select(one => one.Hosts[0]))}");
    }

    private static Outcome<RepositoryTarget> At(Organization organization, int place) => place < organization.Registries.Count
        ? Manageable(organization, organization.Registries[place])
        : Bad(
            $"organization {organization.Name} has {organization.Registries.Count} registries, and none at {place}",
            "ask again: the configuration has changed");

    private static Outcome<RepositoryTarget> Manageable(Organization organization, Registry registry) =>
        registry.Source is EcrSource { Service: EcrService.Ecr } source
            ? new RepositoryTarget(organization, registry, source)
            : Bad(
                $"{registry.Hosts[0]} of organization {organization.Name} is of type {registry.Type}, "
                    + "whose repositories ark does not manage",
                "name a host of a private ECR registry");

    private static Problem Bad(string message, string hint) => new(ProblemKind.BadSetting, message, hint);
}
