using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Logging;
using Ark.Wire.Registries;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Sources;

/// <summary>Finds sources that know the way back: by which configuration and for whom they were found.</summary>
internal sealed class BoundSources(
    Func<CallerIdentity, ConfigurationOutcome> configurations, Func<Binding, CallerIdentity, SourceOutcome> sources, ILogger log)
{
    public SourceOutcome For(Binding binding, CallerIdentity caller) => sources(binding, caller) switch
    {
        SourceOutcome.Found found => found with { Source = new BoundSource(this, found.Source, binding, caller.WithoutKeys(), log) },
        var failed => failed,
    };

    /// <summary>Whether the caller's configuration, as it is now, leads from the same host to the same key.</summary>
    private bool LeadsTo(TokenKey key, Binding binding, CallerIdentity caller)
    {
        CallerIdentity same = binding.Organization is { } organization ? caller.Choosing(organization) : caller;
        string host = binding.Host == RegistryReference.DockerHub ? "docker.io" : binding.Host;
        string asked = binding.RepositoryPrefix.Length == 0 ? host : $"{host}/{binding.RepositoryPrefix}";

        // While the configuration is invalid nobody is served, and what is cached waits for its repair.
        ConfigurationOutcome configuration = configurations(same);
        return configuration is ConfigurationOutcome.Invalid
            || (HostResolver.Resolve(configuration, Encoding.UTF8.GetBytes(asked), same) is Resolution.Found(var now)
                && sources(now, same) is SourceOutcome.Found(var source)
                && source.Key == key);
    }

    /// <summary>A token source that leaves a line in the log for each fetch, whoever asked for it.</summary>
    private sealed class BoundSource(
        BoundSources finder, ITokenSource inner, Binding binding, CallerIdentity caller, ILogger log) : ITokenSource
    {
        public TokenKey Key => inner.Key;

        public string Identity => inner.Identity;

        public bool OutlivesRequest => inner.OutlivesRequest;

        public bool IsCurrent => finder.LeadsTo(Key, binding, caller);

        public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
        {
            FetchOutcome outcome = await inner.FetchAsync(cancellationToken);
            switch (outcome)
            {
                case FetchOutcome.Fetched(var token):
                    log.Fetched(Identity, Key.Service, Key.Region, token.ExpiresAt.UtcDateTime.ToString("O"));
                    break;
                case FetchOutcome.Failed(var problem):
                    log.FetchFailed(Identity, Key.Service, Key.Region, problem.Kind, problem.Message);
                    break;
            }

            return outcome;
        }
    }
}
