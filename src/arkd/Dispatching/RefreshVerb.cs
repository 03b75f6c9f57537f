using System.Diagnostics;
using System.Text;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Logging;
using Ark.Daemon.Sources;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Dispatching;

/// <summary><c>ark refresh</c>: a new token now, for one host or for all that are cached.</summary>
internal sealed class RefreshVerb(Func<Binding, CallerIdentity, SourceOutcome> sources, TokenCache cache, RefusedHosts refused, ILogger log)
{
    public async Task<Reply> RunAsync(Asked asked, CancellationToken cancellationToken)
    {
        string[] hosts = asked.Trimmed.IsEmpty
            ? [.. cache.Snapshot().DistinctBy(status => status.Key).Select(status => status.Host).Distinct()]
            : [Encoding.UTF8.GetString(asked.Trimmed)];
        if (hosts is [])
        {
            return Replies.Text(0, "nothing is cached");
        }

        // One that fails does not keep the others from being refreshed.
        var replies = new List<Reply>();
        foreach (string host in hosts)
        {
            replies.Add(await RefreshAsync(host, asked, cancellationToken));
        }

        return Replies.All(replies);
    }

    private async Task<Reply> RefreshAsync(string host, Asked asked, CancellationToken cancellationToken)
    {
        switch (HostResolver.Resolve(asked.Map, Encoding.UTF8.GetBytes(host), asked.Caller))
        {
            case Resolution.Found(var binding):
                if (await RefreshAsync(binding, asked.Caller, cancellationToken) is { } failure)
                {
                    log.Failed(binding.Host, binding.Organization ?? "-", failure.Kind, failure.Message);
                    return Replies.Failure(failure);
                }

                refused.Remove(binding.Host);
                return Replies.Text(0, $"refreshed {binding.Host}");

            case Resolution.Stopped(var problem):
                return Replies.Failure(problem);

            default:
                return Replies.Failure(new Problem(ProblemKind.BadConfiguration, "ark does not serve this registry", "name an ECR registry, or bind this one to an organization in the map file"));
        }
    }

    private async Task<Problem?> RefreshAsync(Binding binding, CallerIdentity caller, CancellationToken cancellationToken) =>
        sources(binding, caller) switch
        {
            SourceOutcome.Found(var source) => await cache.RefreshAsync(new LoggingSource(source, log), RegistrySources.PolicyOf(binding), binding.Host, binding.Organization, cancellationToken),
            SourceOutcome.Failed(var problem) => problem,
            _ => throw new UnreachableException(),
        };
}
