using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Tokens;
using Ark.Daemon.Logging;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Dispatching;

/// <summary>
/// Brings every request to whoever answers its verb. Every request gets an answer; a fault of ours becomes an error that names no more
/// than its type.
/// </summary>
internal sealed class Dispatcher(
    Func<CallerIdentity, ConfigurationOutcome> configurations, Handlers answerers, RefusedHosts refused, TokenCache cache, TimeProvider time, ILogger log)
{
    private readonly long _started = time.GetTimestamp();
    private ConfigurationOutcome _lastConfiguration = configurations(CallerIdentity.Empty);
    private long _requests;
    private long _lastRequest = time.GetTimestamp();

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>How long nobody has asked for anything but status.</summary>
    public TimeSpan Idle => time.GetElapsedTime(Interlocked.Read(ref _lastRequest));

    /// <summary>After how long without requests the daemon may leave, by the configuration of who asked last; zero means never.</summary>
    public TimeSpan IdleExit() => _lastConfiguration is ConfigurationOutcome.Loaded(var loaded, _) ? loaded.IdleExit : ArkConfiguration.Empty.IdleExit;

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
#pragma warning disable CA1031 // One of the few places that catch everything (src/README.md names them): a bug must cost one answer, not the daemon.
        catch (Exception e)
#pragma warning restore CA1031
        {
            log.Exception(request.Verb, e.GetType().Name, e.StackTrace?.Split('\n')[0].Trim() ?? "");

            // A failing erase keeps docker from removing its own entry.
            return request.Verb == Verb.Erase
                ? Replies.Silence
                : Replies.Failure(new Problem(ProblemKind.Internal, $"ark failed unexpectedly ({e.GetType().Name})", "report this with the daemon's log, and try: ark daemon restart"));
        }
    }

    private async Task<Reply> RouteAsync(RequestContext asked, CancellationToken cancellationToken) => asked.Request.Verb switch
    {
        Verb.Get => await answerers.Credentials.GetAsync(asked, token => Replies.Credentials(asked.Trimmed, token), cancellationToken),
        Verb.Token => await answerers.Credentials.GetAsync(asked, Replies.Password, cancellationToken),
        Verb.Store => await answerers.Credentials.StoreAsync(asked, cancellationToken),
        Verb.Erase => await answerers.Credentials.EraseAsync(asked, cancellationToken),
        Verb.List => await answerers.Credentials.ListAsync(asked, cancellationToken),
        Verb.Status => new Reply(0, Status(), [], Build.Current),
        Verb.Refresh => await answerers.Refresh.RunAsync(asked, cancellationToken),
        Verb.Hosts => ConfigurationHandler.Hosts(asked),
        Verb.Organizations => answerers.Configuration.Organizations(asked),
        Verb.Validate => answerers.Configuration.Validate(asked),
        Verb.Use => answerers.Configuration.Use(asked),
        Verb.Propose => await answerers.Propose.RunAsync(asked, cancellationToken),
        Verb.Describe => await answerers.Describe.RunAsync(asked, cancellationToken),
        Verb.ListRepositories => await answerers.Repositories.ListAsync(asked, cancellationToken),
        Verb.CreateRepository => await answerers.Repositories.CreateAsync(asked, cancellationToken),
        Verb.DeleteRepository => await answerers.Repositories.DeleteAsync(asked, cancellationToken),
        Verb.LocateRepository => RepositoryHandler.Locate(asked),
        var unknown => Replies.Failure(new Problem(ProblemKind.BadSetting, $"this daemon does not know request {(int)unknown}", "install one version of ark, then: ark daemon restart")),
    };

    private byte[] Status() =>
        StatusReport.Write(new DaemonFacts(Environment.ProcessId, time.GetElapsedTime(_started), Requests), cache.Snapshot(), refused.All);
}

/// <summary>Who answers which verbs.</summary>
internal sealed record Handlers(
    CredentialHandler Credentials, RefreshHandler Refresh, DescribeHandler Describe, ConfigurationHandler Configuration, RepositoryHandler Repositories, ProposalHandler Propose);
