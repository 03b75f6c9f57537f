using System.Diagnostics;
using System.Security.Cryptography;
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

/// <summary>The verbs of the credential-helper protocol: whose host is it, where do its credentials come from, are there any in the cache.</summary>
internal sealed class CredentialHandler(
    Func<Binding, CallerIdentity, SourceOutcome> sources, TokenCache cache, RefusedHosts refused, HelperRelay relay, TimeProvider time, ILogger log)
{
    private readonly FallbackHelper _chain = new(relay);

    public async Task<Reply> GetAsync(RequestContext asked, Func<TokenAnswer.Token, Reply> success, CancellationToken cancellationToken)
    {
        switch (asked.Resolve())
        {
            case Resolution.Nothing:
                return Replies.NoServer;

            case Resolution.NotOurs when asked.Request.Verb == Verb.Get && FallbackHelper.Of(asked.Configuration) is { } helper:
                refused.Remove(asked.Host, organization: null);
                return await _chain.GetAsync(helper, asked, cancellationToken);

            case Resolution.NotOurs(var reason):
                log.NotOurs(Verb.Get);
                refused.Remove(asked.Host, organization: null);
                return Replies.NotFound(reason);

            case Resolution.Stopped(var problem):
                return Refuse(asked.Host, null, problem);

            case Resolution.Ambiguous(var problem):
                _ = Refuse(asked.Host, null, problem);
                return Replies.NotFound($"{problem.Message}; {problem.Hint}");

            case Resolution.Found(var binding):
                return sources(binding, asked.Caller) switch
                {
                    SourceOutcome.Found(var source) => Answer(
                        binding,
                        await cache.GetAsync(source, RegistrySources.PolicyOf(binding), binding.Host, binding.Organization, cancellationToken),
                        success),
                    SourceOutcome.Failed(var problem) => Fail(binding, problem, remember: true),
                    _ => throw new UnreachableException(),
                };

            default:
                throw new UnreachableException();
        }
    }

    /// <summary>
    /// docker saves after every login what we gave it a moment before. A host of ours that another helper answers for is saved there;
    /// for every other of ours saving succeeds and keeps nothing. What is not ours goes to the chain, and fails where there is none,
    /// since saying yes would lose the user's password.
    /// </summary>
    public async Task<Reply> StoreAsync(RequestContext asked, CancellationToken cancellationToken)
    {
        if (StoreRequest.Parse(asked.Payload) is not { } store)
        {
            return Replies.Failure(new Problem(ProblemKind.BadSetting, "what came to be stored is not docker's JSON", "send ServerURL, Username and Secret as one flat JSON object"));
        }

        if (string.IsNullOrWhiteSpace(store.Server))
        {
            return Replies.NoServer;
        }

        if (string.IsNullOrEmpty(store.Username))
        {
            return Replies.NoUsername;
        }

        return HostResolver.Resolve(asked.Configuration, Encoding.UTF8.GetBytes(store.Server), asked.Caller) switch
        {
            Resolution.Found({ Source: HelperSource source } binding) => await SaveAsync(binding, source, store, asked, cancellationToken),
            Resolution.Found => Replies.Silence,
            Resolution.Stopped(var problem) => Replies.Failure(problem),
            Resolution.Ambiguous(var problem) => Replies.Failure(problem),
            _ when FallbackHelper.Of(asked.Configuration) is { } helper => await _chain.StoreAsync(helper, asked, cancellationToken),
            _ => Replies.Failure(new Problem(ProblemKind.BadSetting, "ark keeps no credentials, and this registry is not one that it serves", "bind the registry to another helper in credHelpers, or remove credsStore: ark from docker's configuration")),
        };
    }

    public async Task<Reply> EraseAsync(RequestContext asked, CancellationToken cancellationToken)
    {
        switch (asked.Resolve())
        {
            case Resolution.Found({ Source: HelperSource source } binding):
                byte[] payload = source.Server is { } server ? Encoding.UTF8.GetBytes(server) : asked.Request.Payload;
                Reply erased = await ChangeAsync(binding, source, "erase", payload, asked, cancellationToken);
                return erased.ExitCode == 0 ? erased : Replies.NotErased(asked, WhyFailed(source, erased));

            case Resolution.Found(var binding) when sources(binding, asked.Caller) is SourceOutcome.Found(var source):
                cache.Erase(source.Key);
                return Replies.Silence;

            case Resolution.NotOurs when FallbackHelper.Of(asked.Configuration) is { } helper:
                return await _chain.EraseAsync(helper, asked, cancellationToken);

            case Resolution.Stopped or Resolution.NotOurs when asked.Configuration is ConfigurationOutcome.Invalid(var problem, _):
                return Replies.NotErased(asked, problem.Message);

            default:
                return Replies.Silence;
        }
    }

    /// <summary>
    /// Docker's classic builder gets every host that is listed and stops at the first that fails, so a host that is known to fail
    /// is left out, and one whose user nobody knows yet; asked for by name they still get their answer.
    /// </summary>
    public async Task<Reply> ListAsync(RequestContext asked, CancellationToken cancellationToken)
    {
        SortedDictionary<string, string> ours = Ours(asked);
        return FallbackHelper.Of(asked.Configuration) is { } helper ? await _chain.ListAsync(helper, ours, asked, cancellationToken) : Replies.List(ours, warning: null);
    }

    private SortedDictionary<string, string> Ours(RequestContext asked)
    {
        IReadOnlyList<TokenStatus> tokens = cache.Snapshot();
        IEnumerable<string> configured = asked.Configuration is ConfigurationOutcome.Loaded(var configuration, _) ? configuration.Hosts : [];
        IEnumerable<string> good = tokens.Where(IsGood).Select(token => token.Host);
        IEnumerable<string> bad = tokens.Where(token => token.State == TokenState.Failing).Select(token => token.Host).Concat(refused.Lately);

        var users = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string host in configured.Except(bad).Union(good))
        {
            if (HostResolver.Resolve(asked.Configuration, Encoding.UTF8.GetBytes(host), asked.Caller) is Resolution.Found(var binding)
                && (binding.Source.KnownUsername ?? tokens.FirstOrDefault(token => token.Host == host && token.Username is not null)?.Username) is { } user)
            {
                users[host] = user;
            }
        }

        return users;
    }

    /// <summary>Saves under the key by which it will be asked for.</summary>
    private async Task<Reply> SaveAsync(Binding binding, HelperSource source, StoreRequest store, RequestContext asked, CancellationToken cancellationToken)
    {
        if (source.Server is not { } server)
        {
            return await ChangeAsync(binding, source, "store", asked.Request.Payload, asked, cancellationToken);
        }

        byte[] payload = store.For(server, asked.Payload);
        try
        {
            return await ChangeAsync(binding, source, "store", payload, asked, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(payload);
        }
    }

    /// <summary>Lets the helper that a host is bound to save or erase, and forgets what was known before.</summary>
    private async Task<Reply> ChangeAsync(Binding binding, HelperSource source, string verb, byte[] payload, RequestContext asked, CancellationToken cancellationToken)
    {
        Outcome<Reply> outcome = await relay.AskAsync(source.Program, verb, payload, asked, cancellationToken);
        if (sources(binding, asked.Caller) is SourceOutcome.Found(var changed))
        {
            cache.Invalidate(changed.Key);
        }

        return outcome.Succeeded(out Reply? reply, out Problem? problem) ? reply : Replies.Failure(problem);
    }

    /// <summary>By the protocol an error is text on standard output. What is not is left out.</summary>
    private static string WhyFailed(HelperSource source, Reply reply) =>
        !PrintedSecret.IsJson(reply.Stdout) && ProgramWords.FirstLine(reply.Stdout) is { Length: > 0 } line
            ? line
            : $"{TextSanitizer.Name(DockerHelper.ProgramOf(source.Program))} failed";

    private Reply Answer(Binding binding, TokenAnswer answer, Func<TokenAnswer.Token, Reply> success)
    {
        refused.Remove(binding.Host, binding.Organization);
        switch (answer)
        {
            case TokenAnswer.Token token:
                try
                {
                    log.Answered(binding.Host, binding.Organization ?? "-");
                    return success(token);
                }
                finally
                {
                    token.Dispose();
                }

            case TokenAnswer.Failed(var problem):
                return Fail(binding, problem, remember: false);

            default:
                throw new UnreachableException();
        }
    }

    private Reply Fail(Binding binding, Problem problem, bool remember)
    {
        // The public gallery serves everybody without credentials; without ours it is only slower.
        if (binding is { Organization: null, Source: EcrSource { Service: EcrService.EcrPublic } })
        {
            log.Failed(binding.Host, "-", problem.Kind, problem.Message);
            return Replies.NotFound($"going on without credentials: {problem.Message}");
        }

        if (problem.Kind is ProblemKind.NotStored or ProblemKind.Loop)
        {
            return Replies.NotFound(problem.Kind == ProblemKind.Loop ? problem.Message : null);
        }

        return remember ? Refuse(binding.Host, binding.Organization, problem) : Logged(binding.Host, binding.Organization, problem);
    }

    private Reply Refuse(string host, string? organization, Problem problem)
    {
        refused.Add(host, organization, problem);
        return Logged(host, organization, problem);
    }

    private Reply Logged(string host, string? organization, Problem problem)
    {
        log.Failed(host, organization ?? "-", problem.Kind, problem.Message);
        return Replies.Failure(problem);
    }

    /// <summary>Failing or not, there is a token that is served.</summary>
    private bool IsGood(TokenStatus token) => token.State switch
    {
        TokenState.Fresh or TokenState.Refreshing => true,
        TokenState.Failing => token.ExpiresAt - time.GetUtcNow() > TimeSpan.Zero,
        TokenState.Expired => false,
    };
}
