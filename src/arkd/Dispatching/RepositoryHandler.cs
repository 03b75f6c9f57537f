using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Ark.Aws;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Repositories;
using Ark.Daemon.Logging;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Dispatching;

/// <summary>
/// The verbs for repositories: what the configuration says of an organization, and what AWS does to it. Nothing is kept between requests, so a page's
/// token says itself where the next one begins.
/// </summary>
internal sealed class RepositoryHandler(EcrRepositories repositories, ILogger log)
{
    /// <summary>One page, of one registry. Where all organizations are listed, one that fails is left out with a warning.</summary>
    public async Task<Reply> ListAsync(RequestContext asked, CancellationToken cancellationToken)
    {
        if (!Read(asked, out RepositoryRequest? request, out ArkConfiguration? configuration, out Problem? problem) ||
            !RepositoryTargets.All(configuration, request.Organization, request.Registry).Succeeded(out IReadOnlyList<RepositoryTarget>? targets, out problem))
        {
            return Replies.Failure(problem);
        }

        if (!TryReadToken(request.NextToken, targets.Count, out int place, out string? nextToken))
        {
            return Replies.Failure(Malformed("nextToken is none of ours, or the configuration has changed"));
        }

        RepositoryTarget target = targets[place];
        Outcome<RepositoryPage> outcome =
            await repositories.ListAsync(target.Source, asked.Caller, target.Registry.RepositoryPrefix, nextToken, cancellationToken);
        string? following = place + 1 < targets.Count ? Token(place + 1, null) : null;
        if (outcome.Succeeded(out RepositoryPage? page, out problem))
        {
            IReadOnlyList<string> apart = target.ListedApart;
            string[] names = [.. page.Names.Where(name => !apart.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))];
            return Page(target, names, page.NextToken is { } more ? Token(place, more) : following, warning: null);
        }

        Log(target, problem);
        return RepositoryTargets.IsEverybody(request.Organization)
            ? Page(target, [], following, $"organization {target.Organization.Name} is left out: {problem.Message}")
            : Replies.Failure(problem);
    }

    public async Task<Reply> CreateAsync(RequestContext asked, CancellationToken cancellationToken)
    {
        if (!Find(asked, out RepositoryRequest? request, out RepositoryTarget? target, out RepositoryName? name, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        Outcome<CreatedRepository> outcome = await repositories.CreateAsync(
            target.Source, asked.Caller, name, target.Registry.Defaults, request.IfNotExists, cancellationToken);
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

    public async Task<Reply> DeleteAsync(RequestContext asked, CancellationToken cancellationToken)
    {
        if (!Find(asked, out RepositoryRequest? request, out RepositoryTarget? target, out RepositoryName? name, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        Outcome<RepositoryName> outcome = await repositories.DeleteAsync(target.Source, asked.Caller, name, request.Force, cancellationToken);
        if (!outcome.Succeeded(out _, out problem))
        {
            return Fail(target, problem);
        }

        log.RepositoryChanged("deleted", target.UrlOf(name.Path), target.Organization.Name);
        return Replies.Text(0, target.UrlOf(name.Path));
    }

    /// <summary>Where a repository is or would be; AWS is not asked.</summary>
    public static Reply Locate(RequestContext asked) => Find(asked, out _, out RepositoryTarget? target, out RepositoryName? name, out Problem? problem)
        ? Replies.Text(0, target.UrlOf(name.Path))
        : Replies.Failure(problem);

    private static bool Read(
        RequestContext asked,
        [NotNullWhen(true)] out RepositoryRequest? request,
        [NotNullWhen(true)] out ArkConfiguration? configuration,
        [NotNullWhen(false)] out Problem? problem)
    {
        request = RepositoryRequest.Parse(asked.Payload);
        configuration = (asked.Configuration as ConfigurationOutcome.Loaded)?.Configuration;
        problem = (request, asked.Configuration) switch
        {
            (null, _) => Malformed("the request is not the JSON of its verb"),
            (_, ConfigurationOutcome.Invalid invalid) => invalid.Problem,
            (_, ConfigurationOutcome.Loaded) => null,
            _ => throw new UnreachableException(),
        };
        return problem is null;
    }

    private static bool Find(
        RequestContext asked,
        [NotNullWhen(true)] out RepositoryRequest? request,
        [NotNullWhen(true)] out RepositoryTarget? target,
        [NotNullWhen(true)] out RepositoryName? name,
        [NotNullWhen(false)] out Problem? problem)
    {
        (target, name) = (null, null);
        return Read(asked, out request, out ArkConfiguration? configuration, out problem)
            && RepositoryTargets.One(configuration, request.Organization ?? asked.Caller["ARK_ORGANIZATION"], request.Host).Succeeded(out target, out problem)
            && RepositoryName.Parse(target.Registry.RepositoryPrefix, request.Name ?? "").Succeeded(out name, out problem);
    }

    private static Reply Page(RepositoryTarget target, IReadOnlyList<string> names, string? nextToken, string? warning)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("repositories"u8);
            foreach (string name in names)
            {
                json.WriteStartObject();
                json.WriteString("organization"u8, target.Organization.Name);
                json.WriteString("id"u8, target.Organization.Id);
                json.WriteString("url"u8, target.UrlOf(name));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("nextToken"u8, nextToken);
            json.WriteEndObject();
        }

        return Replies.Document(buffer.WrittenSpan, warning is null ? [] : [$"ark: warning: {warning}"]);
    }

    /// <summary>The registry's place in the list, a colon, and AWS's own token for the page; empty for its first.</summary>
    private static string Token(int place, string? nextToken) => string.Create(CultureInfo.InvariantCulture, $"{place}:{nextToken}");

    private static bool TryReadToken(string? token, int targets, out int place, out string? nextToken)
    {
        (place, nextToken) = (0, null);
        if (token is null)
        {
            return true;
        }

        int colon = token.IndexOf(':', StringComparison.Ordinal);
        nextToken = colon < 0 || colon + 1 == token.Length ? null : token[(colon + 1)..];
        return colon > 0 && int.TryParse(token.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out place) && place < targets;
    }

    private static Problem Malformed(string what) => new(ProblemKind.BadSetting, what, "install one version of ark, then: ark daemon restart");

    private Reply Fail(RepositoryTarget target, Problem problem)
    {
        Log(target, problem);
        return Replies.Failure(problem);
    }

    private void Log(RepositoryTarget target, Problem problem) =>
        log.Failed(target.Registry.Hosts[0], target.Organization.Name, problem.Kind, problem.Message);
}
