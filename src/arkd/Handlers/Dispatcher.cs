using System.Diagnostics;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Daemon.Handlers;

/// <summary>
/// Brings every request to whoever answers its verb. Every request gets an answer; a fault of ours becomes an error that names no more
/// than its type.
/// </summary>
internal sealed class Dispatcher(
    Func<CallerIdentity, ConfigurationOutcome> configurations,
    RequestHandlers handlers,
    RefusedHosts refused,
    TokenCache cache,
    TimeProvider time,
    Action<string, Exception> fault)
{
    private ConfigurationOutcome _lastConfiguration = configurations(CallerIdentity.Empty);
    private long _requests;
    private long _lastRequest = time.GetTimestamp();

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>How long nobody has asked for anything but status.</summary>
    public TimeSpan Idle => time.GetElapsedTime(Interlocked.Read(ref _lastRequest));

    /// <summary>After how long without requests the daemon may stop, by the configuration of who asked last; zero means never.</summary>
    public TimeSpan IdleExit() =>
        _lastConfiguration is ConfigurationOutcome.Loaded(var loaded, _) ? loaded.IdleExit : ArkConfiguration.Empty.IdleExit;

    /// <summary>Answers in the calling thread as far as it can: what is in memory is there when this returns.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Fires when the client has disconnected, or the daemon can wait no longer.</param>
    public async Task<Reply> AnswerAsync(Request request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        if (request.Verb != Verb.Status)
        {
            Interlocked.Exchange(ref _lastRequest, time.GetTimestamp());
        }

        try
        {
            var caller = new CallerIdentity(request.Identity);
            ConfigurationOutcome configuration = configurations(caller);
            if (request.Verb != Verb.Status && !configuration.Equals(_lastConfiguration))
            {
                // What failed by another configuration says nothing about this one, and what it removed is not kept.
                refused.Clear();
                cache.DropStale();
                _lastConfiguration = configuration;
            }

            return await RouteAsync(new RequestContext(request, configuration, caller), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // One of the few places that catch everything (src/README.md): a bug must cost one answer, not the daemon.
        catch (Exception e)
#pragma warning restore CA1031
        {
            fault($"answering {request.Verb}", e);

            // A failing erase keeps docker from removing its own entry.
            return request.Verb == Verb.Erase ? Replies.Silence : Replies.Failure(new Problem(
                ProblemKind.Internal,
                $"ark failed unexpectedly ({e.GetType().Name})",
                $"try: ark daemon restart; if it fails again, {Report.Hint} and the daemon's log"));
        }
    }

    private Task<Reply> RouteAsync(RequestContext context, CancellationToken cancellationToken) => context.Request.Verb switch
    {
        Verb.Get => handlers.Credentials.GetAsync(context, cancellationToken),
        Verb.Token => handlers.Credentials.TokenAsync(context, cancellationToken),
        Verb.Describe => handlers.Credentials.DescribeAsync(context, cancellationToken),
        Verb.Refresh => handlers.Credentials.RefreshAsync(context, cancellationToken),
        Verb.Store => handlers.Logins.StoreAsync(context, cancellationToken),
        Verb.Erase => handlers.Logins.EraseAsync(context, cancellationToken),
        Verb.List => handlers.Logins.ListAsync(context, cancellationToken),
        Verb.Status => Task.FromResult(handlers.Status.Report(Requests)),
        Verb.Hosts => Task.FromResult(ConfigurationHandler.Hosts(context)),
        Verb.Organizations => Task.FromResult(handlers.Configuration.Organizations(context)),
        Verb.Validate => Task.FromResult(handlers.Configuration.Validate(context)),
        Verb.Use => Task.FromResult(handlers.Configuration.Use(context)),
        Verb.Propose => handlers.Proposal.RunAsync(context, cancellationToken),
        Verb.ListRepositories => handlers.Repositories.ListAsync(context, cancellationToken),
        Verb.CreateRepository => handlers.Repositories.CreateAsync(context, cancellationToken),
        Verb.DeleteRepository => handlers.Repositories.DeleteAsync(context, cancellationToken),
        Verb.LocateRepository => Task.FromResult(RepositoryHandler.Locate(context)),
        Verb.Explain => Task.FromResult(ExplanationHandler.Explain(context)),
        Verb.Login => handlers.SignIn.StepAsync(context, cancellationToken),
        var unknown => Task.FromResult(Replies.Failure(new Problem(
            ProblemKind.BadSetting,
            $"this daemon does not know request {(int)unknown}",
            "install one version of ark, then: ark daemon restart"))),
    };
}

/// <summary>Who answers which verbs.</summary>
internal sealed record RequestHandlers(
    CredentialHandler Credentials,
    LoginHandler Logins,
    StatusHandler Status,
    ConfigurationHandler Configuration,
    ProfileProposal Proposal,
    RepositoryHandler Repositories,
    SignInHandler SignIn);

/// <summary>A request with what it is answered by: the caller, and the caller's configuration as it is now.</summary>
internal sealed record RequestContext(Request Request, ConfigurationOutcome Configuration, CallerIdentity Caller)
{
    public ReadOnlySpan<byte> Payload => Request.Payload;

    /// <summary>The payload without the white space that clients add.</summary>
    public ReadOnlySpan<byte> Trimmed => RegistryReference.Trimmed(Payload);

    /// <summary>The canonical host of what a client sent; a dash when it is none.</summary>
    public string Host => RegistryReference.Parse(Payload) is RegistryParse.Parsed(var reference) ? reference.Host : "-";

    /// <summary>The configuration, or why it cannot be used.</summary>
    public Outcome<ConfigurationOutcome.Loaded> Loaded => Configuration switch
    {
        ConfigurationOutcome.Loaded loaded => loaded,
        ConfigurationOutcome.Invalid invalid => invalid.Problem,
        _ => throw new UnreachableException(),
    };

    /// <summary>How AWS is reached, by the configuration.</summary>
    public ProxySettings? Proxy => (Configuration as ConfigurationOutcome.Loaded)?.Configuration.Proxy;

    /// <summary>Whose registry the payload is.</summary>
    public Resolution Resolve() => HostResolver.Resolve(Configuration, Payload, Caller);

    /// <summary>Never the payload or the caller's variables.</summary>
    public override string ToString() => Request.Verb.ToString();
}
