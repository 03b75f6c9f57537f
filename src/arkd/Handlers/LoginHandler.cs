using System.Security.Cryptography;
using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Sources;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Daemon.Handlers;

/// <summary>
/// What docker does besides asking for credentials: it saves them after a login, erases them after a logout, and lists whose it has.
/// </summary>
internal sealed class LoginHandler(
    Func<Binding, CallerIdentity, SourceOutcome> sources,
    TokenCache cache,
    RefusedHosts refused,
    HelperRelay relay,
    FallbackHelper fallback,
    TimeProvider time)
{
    /// <summary>The user of every ECR token.</summary>
    private const string EcrUser = "AWS";

    /// <summary>
    /// docker saves after every login what we gave it a moment before. A host of ours that another helper answers for is saved there;
    /// for every other of ours saving succeeds and keeps nothing. What is not ours goes to the fallback helper, and fails where there is
    /// none, since saying yes would lose the user's password.
    /// </summary>
    public async Task<Reply> StoreAsync(RequestContext context, CancellationToken cancellationToken)
    {
        if (StoredCredentials.Parse(context.Payload) is not { } stored)
        {
            return Replies.Failure(new Problem(
                ProblemKind.BadSetting,
                "what came to be stored is not docker's JSON",
                "send ServerURL, Username and Secret as one flat JSON object"));
        }

        if (string.IsNullOrWhiteSpace(stored.Server))
        {
            return Replies.NoServer;
        }

        if (string.IsNullOrEmpty(stored.Username))
        {
            return Replies.NoUsername;
        }

        // A token of ECR comes from us or is over in twelve hours: it is not kept, whatever is wrong with who answers for the host. Where the
        // fallback helper answers for it, nobody else will have it.
        bool isOfEcr = stored.Username == EcrUser;
        Resolution resolution = HostResolver.Resolve(context.Configuration, Encoding.UTF8.GetBytes(stored.Server), context.Caller);
        bool isTheFallbacks = resolution is Resolution.NotOurs && FallbackHelper.Of(context.Configuration) is not null;
        if (isOfEcr && !isTheFallbacks
            && RegistryReference.Parse(Encoding.UTF8.GetBytes(stored.Server)) is RegistryParse.Parsed({ Ecr: not null }))
        {
            return Replies.Silence;
        }

        return resolution switch
        {
            Resolution.Ambiguous when isOfEcr => Replies.Silence,
            Resolution.Found({ Source: HelperSource source } binding) =>
                await SaveAsync(binding, source, stored, context, cancellationToken),
            Resolution.Found => Replies.Silence,
            Resolution.Stopped(var problem) => Replies.Failure(problem),
            Resolution.Ambiguous(var problem) => Replies.Failure(problem),
            _ when FallbackHelper.Of(context.Configuration) is { } helper => await fallback.StoreAsync(helper, context, cancellationToken),
            _ => Replies.Failure(new Problem(
                ProblemKind.BadSetting,
                $"{HostOf(stored.Server)} is not configured in ark; nothing was stored",
                "bind the registry to another helper in credHelpers, or remove credsStore: ark from docker's configuration")),
        };
    }

    public async Task<Reply> EraseAsync(RequestContext context, CancellationToken cancellationToken)
    {
        switch (context.Resolve())
        {
            case Resolution.Found({ Source: HelperSource source } binding):
                byte[] payload = source.Server is { } server ? Encoding.UTF8.GetBytes(server) : context.Request.Payload;
                Reply erased = await ChangeAsync(binding, source, "erase", payload, context, cancellationToken);
                return erased.ExitCode == 0 ? erased : Replies.NotErased(context, WhyFailed(source, erased));

            case Resolution.Found(var binding) when sources(binding, context.Caller) is SourceOutcome.Found(var source):
                cache.Erase(source.Key);
                return Replies.Silence;

            case Resolution.NotOurs when FallbackHelper.Of(context.Configuration) is { } helper:
                return await fallback.EraseAsync(helper, context, cancellationToken);

            case Resolution.Stopped or Resolution.NotOurs when context.Configuration is ConfigurationOutcome.Invalid(var problem, _):
                return Replies.NotErased(context, problem.Message);

            default:
                return Replies.Silence;
        }
    }

    /// <summary>
    /// Docker's classic builder gets every host that is listed and stops at the first that fails, so a host that is known to fail
    /// is left out, as is one whose profile cannot be used, and one whose user nobody knows yet; asked for by name they still get their answer.
    /// </summary>
    public async Task<Reply> ListAsync(RequestContext context, CancellationToken cancellationToken)
    {
        SortedDictionary<string, string> ours = Ours(context);
        return FallbackHelper.Of(context.Configuration) is { } helper
            ? await fallback.ListAsync(helper, ours, context, cancellationToken)
            : Replies.List(ours, warning: null);
    }

    private static string HostOf(string server) =>
        RegistryReference.Parse(Encoding.UTF8.GetBytes(server)) is RegistryParse.Parsed(var reference)
            ? reference.Host
            : TextSanitizer.Name(server);

    private SortedDictionary<string, string> Ours(RequestContext context)
    {
        IReadOnlyList<TokenStatus> tokens = cache.Snapshot();
        IEnumerable<string> configured = (context.Configuration as ConfigurationOutcome.Loaded)?.Configuration.Hosts ?? [];
        HashSet<string> good = [.. tokens.Where(IsGood).Select(token => token.Host)];
        IEnumerable<string> failing = tokens.Where(token => token.State == TokenState.Failing).Select(token => token.Host);

        var users = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string host in configured.Except(failing.Concat(refused.Lately)).Union(good))
        {
            if (HostResolver.Resolve(context.Configuration, Encoding.UTF8.GetBytes(host), context.Caller) is Resolution.Found(var binding)
                && (binding.Source.KnownUsername ?? tokens.FirstOrDefault(each => each.Host == host && each.Username is not null)?.Username)
                    is { } user
                && (good.Contains(host) || sources(binding, context.Caller) is SourceOutcome.Found))
            {
                users[host] = user;
            }
        }

        return users;
    }

    /// <summary>Saves under the key by which it will be asked for.</summary>
    private async Task<Reply> SaveAsync(
        Binding binding, HelperSource source, StoredCredentials stored, RequestContext context, CancellationToken cancellationToken)
    {
        if (source.Server is not { } server)
        {
            return await ChangeAsync(binding, source, "store", context.Request.Payload, context, cancellationToken);
        }

        byte[] payload = stored.For(server, context.Payload);
        try
        {
            return await ChangeAsync(binding, source, "store", payload, context, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(payload);
        }
    }

    /// <summary>Lets the helper that a host is bound to save or erase, and forgets what was known before.</summary>
    private async Task<Reply> ChangeAsync(
        Binding binding, HelperSource source, string verb, byte[] payload, RequestContext context, CancellationToken cancellationToken)
    {
        Outcome<Reply> outcome = await relay.AskAsync(source.Program, verb, payload, context, cancellationToken);
        if (sources(binding, context.Caller) is SourceOutcome.Found(var changed))
        {
            cache.Invalidate(changed.Key);
        }

        return outcome.Succeeded(out Reply? reply, out Problem? problem) ? reply : Replies.Failure(problem);
    }

    /// <summary>By the protocol an error is text on standard output. What is not is left out.</summary>
    private static string WhyFailed(HelperSource source, Reply reply) =>
        !CredentialText.IsJson(reply.Stdout) && DockerHelper.FirstLine(reply.Stdout) is { Length: > 0 } line
            ? line
            : $"{TextSanitizer.Name(DockerHelper.ProgramOf(source.Program))} failed";

    /// <summary>Failing or not, there is a token that is served.</summary>
    private bool IsGood(TokenStatus token) => token.State switch
    {
        TokenState.Fresh or TokenState.Refreshing => true,
        TokenState.Failing => token.ExpiresAt - time.GetUtcNow() > TimeSpan.Zero,
        TokenState.Expired => false,
    };
}
