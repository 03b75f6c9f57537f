using System.Diagnostics;
using System.Text;
using Ark.Core.Configuration;
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
internal sealed class RefreshHandler(Func<Binding, CallerIdentity, SourceOutcome> sources, TokenCache cache, RefusedHosts refused, ILogger log)
{
    public async Task<Reply> RunAsync(RequestContext asked, CancellationToken cancellationToken)
    {
        if (!asked.Trimmed.IsEmpty)
        {
            return await RefreshAsync(Encoding.UTF8.GetString(asked.Trimmed), asked.Configuration, asked.Caller, cancellationToken);
        }

        TokenStatus[] cached = [.. cache.Snapshot().DistinctBy(token => token.Key)];
        if (cached is [])
        {
            return Replies.Text(0, "nothing is cached");
        }

        // One that fails does not keep the others from being refreshed. Each is asked for as the organization that has it.
        var replies = new List<Reply>();
        foreach (TokenStatus token in cached)
        {
            CallerIdentity caller = token.Organization is { } organization ? asked.Caller.Choosing(organization) : asked.Caller;
            replies.Add(await RefreshAsync(token.Host, asked.Configuration, caller, cancellationToken));
        }

        return Replies.All(replies);
    }

    private async Task<Reply> RefreshAsync(string host, ConfigurationOutcome configuration, CallerIdentity caller, CancellationToken cancellationToken)
    {
        switch (HostResolver.Resolve(configuration, Encoding.UTF8.GetBytes(host), caller))
        {
            case Resolution.Found(var binding):
                if (await RefreshAsync(binding, caller, cancellationToken) is { } failure)
                {
                    log.Failed(binding.Host, binding.Organization ?? "-", failure.Kind, failure.Message);
                    return Replies.Failure(failure);
                }

                refused.Remove(binding.Host, binding.Organization);
                return Replies.Text(0, $"refreshed {binding.Host}");

            case Resolution.Stopped(var problem):
                return Replies.Failure(problem);

            case Resolution.Ambiguous(var problem):
                return Replies.Failure(problem);

            default:
                return Replies.Failure(new Problem(ProblemKind.BadSetting, "ark does not serve this registry", "name an ECR registry, or bind this one to an organization in the configuration"));
        }
    }

    private async Task<Problem?> RefreshAsync(Binding binding, CallerIdentity caller, CancellationToken cancellationToken) =>
        sources(binding, caller) switch
        {
            SourceOutcome.Found(var source) => await cache.RefreshAsync(source, RegistrySources.PolicyOf(binding), binding.Host, binding.Organization, cancellationToken),
            SourceOutcome.Failed(var problem) => problem,
            _ => throw new UnreachableException(),
        };
}
