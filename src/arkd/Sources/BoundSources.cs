using System.Collections.Concurrent;
using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Logging;
using Ark.Wire;
using Ark.Wire.Registries;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Sources;

/// <summary>Finds sources that can be found again: by the caller's configuration as it is then.</summary>
internal sealed class BoundSources(
    Func<CallerIdentity, ConfigurationOutcome> configurations, Func<Binding, CallerIdentity, SourceOutcome> sources, ILogger log)
{
    private const int MaxCallers = 64;

    private static readonly string[] KeptNames = [.. IdentityVariables.Names.Except(IdentityVariables.Keys)];

    private static readonly Problem NoLonger = new(
        ProblemKind.BadConfiguration, "the configuration no longer leads from this registry to these credentials", "run the command again");

    // Ten thousand keys of a few shells: each of them keeps its caller, and the callers are few.
    private readonly ConcurrentDictionary<string, CallerIdentity> _callers = new(StringComparer.Ordinal);

    public SourceOutcome For(Binding binding, CallerIdentity caller)
    {
        SourceOutcome outcome = sources(binding, caller);
        if (outcome is not SourceOutcome.Found found)
        {
            return outcome;
        }

        if (found.PassedOver is { } problem)
        {
            log.PassedOver(found.Source.Identity, problem.Message);
        }

        return found with { Source = new BoundSource(this, found.Source, binding, caller, log) };
    }

    private KeptSource Keep(ITokenSource source, Binding binding, CallerIdentity caller)
    {
        CallerIdentity same = binding.Organization is { } organization ? caller.Choosing(organization) : caller;
        string host = binding.Host == RegistryReference.DockerHub ? "docker.io" : binding.Host;
        string reference = binding.RepositoryPrefix.Length == 0 ? host : $"{host}/{binding.RepositoryPrefix}";
        return new KeptSource(this, source.Key, source.Identity, reference, Share(same.WithoutKeys()));
    }

    /// <summary>The one object for all callers with the same variables.</summary>
    private CallerIdentity Share(CallerIdentity caller)
    {
        if (_callers.Count >= MaxCallers)
        {
            _callers.Clear();
        }

        return _callers.GetOrAdd(string.Join('\0', KeptNames.Select(name => caller[name])), caller);
    }

    /// <summary>What the caller's configuration, as it is now, leads to from the same registry with the same key.</summary>
    private Outcome<ITokenSource> FindAgain(TokenKey key, string reference, CallerIdentity caller)
    {
        ConfigurationOutcome configuration = configurations(caller);
        if (configuration is ConfigurationOutcome.Invalid invalid)
        {
            return invalid.Problem;
        }

        return HostResolver.Resolve(configuration, Encoding.UTF8.GetBytes(reference), caller) is Resolution.Found(var binding)
            && For(binding, caller) is SourceOutcome.Found(var source)
            && source.Key == key
            ? Outcome.Of(source)
            : NoLonger;
    }

    /// <summary>The source of one request, which leaves a line in the log for each fetch.</summary>
    private sealed class BoundSource(BoundSources finder, ITokenSource inner, Binding binding, CallerIdentity caller, ILogger log)
        : ITokenSource
    {
        public TokenKey Key => inner.Key;

        public string Identity => inner.Identity;

        public bool OutlivesRequest => inner.OutlivesRequest;

        public ITokenSource ForKeeping() => finder.Keep(inner, binding, caller);

        public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
        {
            FetchOutcome outcome = await inner.FetchAsync(cancellationToken);
            switch (outcome)
            {
                case FetchOutcome.Fetched(var token) fetched:
                    log.Fetched(Identity, Key.Service, Key.Region, token.ExpiresAt.UtcDateTime.ToString("O"));
                    if (fetched.Warning is { } warning)
                    {
                        log.FetchWarning(Identity, warning);
                    }

                    break;
                case FetchOutcome.Failed(var problem):
                    log.FetchFailed(Identity, Key.Service, Key.Region, problem.Kind, problem.Message);
                    break;
            }

            return outcome;
        }
    }

    /// <summary>What is kept of a source when its request is over: how to find it again, and none of what it needs for a fetch.</summary>
    private sealed class KeptSource(BoundSources finder, TokenKey key, string identity, string reference, CallerIdentity caller)
        : ITokenSource
    {
        public TokenKey Key => key;

        public string Identity => identity;

        public bool OutlivesRequest => true;

        // While the configuration is invalid nobody is served, and what is cached waits for its repair.
        public bool IsCurrent => finder.FindAgain(key, reference, caller).Succeeded(out _, out Problem? problem) || problem != NoLonger;

        public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken) =>
            finder.FindAgain(key, reference, caller).Succeeded(out ITokenSource? source, out Problem? problem)
                ? await source.FetchAsync(cancellationToken)
                : new FetchOutcome.Failed(problem);
    }
}
