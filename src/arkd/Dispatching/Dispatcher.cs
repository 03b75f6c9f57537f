using System.Text;
using Ark.Core.Map;
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
    Func<CallerIdentity, MapOutcome> maps, CredentialVerbs credentials, RefreshVerb refresh, RepositoryVerbs repositories, ProposeVerb propose, RefusedHosts refused, TokenCache cache, TimeProvider time, ILogger log)
{
    private readonly long _started = time.GetTimestamp();
    private MapOutcome _lastMap = maps(CallerIdentity.Empty);
    private long _requests;
    private long _lastRequest = time.GetTimestamp();

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>How long nobody has asked for anything but status.</summary>
    public TimeSpan Idle => time.GetElapsedTime(Interlocked.Read(ref _lastRequest));

    /// <summary>After how long without requests the daemon may leave, by the map of who asked last; zero means never.</summary>
    public TimeSpan IdleExit() => _lastMap is MapOutcome.Loaded(var loaded) ? loaded.IdleExit : OrganizationMap.Empty.IdleExit;

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
            MapOutcome map = maps(caller);
            if (request.Verb != Verb.Status && !map.Equals(_lastMap))
            {
                // What failed by another map says nothing about this one.
                refused.Clear();
                _lastMap = map;
            }

            return await RouteAsync(new Asked(request, map, caller), cancellationToken);
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

    private async Task<Reply> RouteAsync(Asked asked, CancellationToken cancellationToken) => asked.Request.Verb switch
    {
        Verb.Get => await credentials.GetAsync(asked, token => Replies.Credentials(asked.Trimmed, token), cancellationToken),
        Verb.Token => await credentials.GetAsync(asked, Replies.Password, cancellationToken),
        Verb.Store => CredentialVerbs.Store(asked),
        Verb.Erase => credentials.Erase(asked),
        Verb.List => credentials.List(asked),
        Verb.Status => new Reply(0, Status(), [], Build.Current),
        Verb.Refresh => await refresh.RunAsync(asked, cancellationToken),
        Verb.Hosts => Hosts(asked.Map),
        Verb.Propose => await propose.RunAsync(asked, cancellationToken),
        Verb.ListRepositories => await repositories.ListAsync(asked, cancellationToken),
        Verb.CreateRepository => await repositories.CreateAsync(asked, cancellationToken),
        Verb.DeleteRepository => await repositories.DeleteAsync(asked, cancellationToken),
        Verb.LocateRepository => RepositoryVerbs.Locate(asked),
        var unknown => Replies.Failure(new Problem(ProblemKind.BadConfiguration, $"this daemon does not know request {(int)unknown}", "install one version of ark, then: ark daemon restart")),
    };

    private static Reply Hosts(MapOutcome map) => map switch
    {
        MapOutcome.Loaded(var loaded) => new Reply(0, Encoding.UTF8.GetBytes(string.Concat(loaded.Hosts.Select(host => $"{host}\n"))), [], Build.Current),
        MapOutcome.Invalid invalid => Replies.Failure(invalid.Problem),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private byte[] Status() =>
        StatusReport.Write(new DaemonFacts(Environment.ProcessId, time.GetElapsedTime(_started), Requests), cache.Snapshot(), refused.All);
}
