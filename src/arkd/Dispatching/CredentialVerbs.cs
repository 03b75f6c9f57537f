using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ark.Core.Map;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Logging;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Dispatching;

/// <summary>The verbs of the credential-helper protocol: whose host is it, where do its credentials come from, are there any in the cache.</summary>
internal sealed class CredentialVerbs(
    Func<Binding, CallerIdentity, SourceOutcome> sources, TokenCache cache, RefusedHosts refused, TimeProvider time, ILogger log)
{
    public async Task<Reply> GetAsync(Asked asked, Func<TokenAnswer.Token, Reply> success, CancellationToken cancellationToken)
    {
        switch (asked.Resolve())
        {
            case Resolution.Nothing:
                return Replies.NoServer;

            case Resolution.NotOurs(var reason):
                log.NotOurs(Verb.Get);
                refused.Remove(asked.Host);
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
                        await cache.GetAsync(new LoggingSource(source, log), binding.Refresh, binding.Host, binding.Organization, cancellationToken),
                        success),
                    SourceOutcome.Failed(var problem) => Fail(binding, problem, remember: true),
                    _ => throw new UnreachableException(),
                };

            default:
                throw new UnreachableException();
        }
    }

    /// <summary>
    /// docker saves after every login what we gave it a moment before. For a host of ours that succeeds and keeps nothing; for
    /// another it fails, since saying yes would lose the user's password.
    /// </summary>
    public static Reply Store(Asked asked)
    {
        if (StoreRequest.Parse(asked.Payload) is not { } store)
        {
            return Replies.Failure(new Problem(ProblemKind.BadConfiguration, "what came to be stored is not docker's JSON", "send ServerURL, Username and Secret as one flat JSON object"));
        }

        if (string.IsNullOrWhiteSpace(store.Server))
        {
            return Replies.NoServer;
        }

        if (string.IsNullOrEmpty(store.Username))
        {
            return Replies.NoUsername;
        }

        return HostResolver.Resolve(asked.Map, Encoding.UTF8.GetBytes(store.Server), asked.Caller) switch
        {
            Resolution.Found => Replies.Silence,
            Resolution.Stopped(var problem) => Replies.Failure(problem),
            Resolution.Ambiguous(var problem) => Replies.Failure(problem),
            _ => Replies.Failure(new Problem(ProblemKind.BadConfiguration, "ark keeps no credentials, and this registry is not one that it serves", "bind the registry to another helper in credHelpers, or remove credsStore: ark from docker's configuration")),
        };
    }

    public Reply Erase(Asked asked)
    {
        if (asked.Resolve() is Resolution.Found(var binding) && sources(binding, asked.Caller) is SourceOutcome.Found(var source))
        {
            cache.Forget(source.Key);
        }

        return Replies.Silence;
    }

    /// <summary>
    /// Docker's classic builder gets every host that is listed and stops at the first that fails, so a host that is known to fail
    /// is left out; asked for by name it still gives its error.
    /// </summary>
    public Reply List(Asked asked)
    {
        TokenStatus[] tokens = [.. cache.Snapshot().Where(token => IsAnswered(token.Host, asked))];
        IEnumerable<string> mapped = asked.Map is MapOutcome.Loaded(var loaded, _) ? loaded.Hosts.Where(host => IsAnswered(host, asked)) : [];
        IEnumerable<string> good = tokens.Where(IsGood).Select(token => token.Host);
        IEnumerable<string> bad = tokens.Where(token => token.State == TokenState.Failing).Select(token => token.Host).Concat(refused.Lately);

        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (string host in mapped.Except(bad).Union(good).Order(StringComparer.Ordinal))
            {
                json.WriteString(host, "AWS"u8);
            }

            json.WriteEndObject();
        }

        return new Reply(0, [.. buffer.WrittenSpan, (byte)'\n'], [], Build.Current);
    }

    private static bool IsAnswered(string host, Asked asked) =>
        HostResolver.Resolve(asked.Map, Encoding.UTF8.GetBytes(host), asked.Caller) is Resolution.Found;

    private Reply Answer(Binding binding, TokenAnswer answer, Func<TokenAnswer.Token, Reply> success)
    {
        refused.Remove(binding.Host);
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
                    CryptographicOperations.ZeroMemory(token.Secret);
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

        if (problem.Kind == ProblemKind.NotStored)
        {
            return Replies.NotFound(null);
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
