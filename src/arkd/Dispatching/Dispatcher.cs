using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ark.Aws;
using Ark.Core.Map;
using Ark.Core.Problems;
using Ark.Core.Registries;
using Ark.Core.Resolving;
using Ark.Core.Tokens;
using Ark.Daemon.Logging;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Dispatching;

/// <summary>
/// Answers every verb: whose host is it, where does its token come from, is there one in the cache. Every request gets an answer;
/// a fault of ours becomes an error that names no more than its type.
/// </summary>
internal sealed class Dispatcher(
    Func<CallerIdentity, MapOutcome> maps,
    Func<EcrSource, CallerIdentity, SourceOutcome> sources,
    TokenCache cache,
    TimeProvider time,
    ILogger log)
{
    /// <summary>Hosts that failed before the cache are remembered for status, a few of them.</summary>
    private const int MaxRefused = 100;

    /// <summary>How long such a host stays out of the list: nobody asks for what is not listed, so its repair would go unnoticed.</summary>
    private static readonly TimeSpan RefusedForList = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, RefusedHost> _refused = new(StringComparer.Ordinal);
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
                _refused.Clear();
                _lastMap = map;
            }

            return await RouteAsync(request, map, caller, cancellationToken);
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

    private async Task<Reply> RouteAsync(Request request, MapOutcome map, CallerIdentity caller, CancellationToken cancellationToken) => request.Verb switch
    {
        Verb.Get => await GetAsync(request.Payload, map, caller, token => Replies.Credentials(Trim(request.Payload), token), cancellationToken),
        Verb.Token => await GetAsync(request.Payload, map, caller, Replies.Password, cancellationToken),
        Verb.Store => Store(request.Payload, map, caller),
        Verb.Erase => Erase(request.Payload, map, caller),
        Verb.List => List(map),
        Verb.Status => new Reply(0, Status(), [], Build.Current),
        Verb.Refresh => await RefreshAsync(request.Payload, map, caller, cancellationToken),
        Verb.Hosts => Hosts(map),
        _ => Replies.Failure(new Problem(ProblemKind.BadConfiguration, $"this daemon does not know request {(int)request.Verb}", "install one version of ark, then: ark daemon restart")),
    };

    private async Task<Reply> GetAsync(byte[] payload, MapOutcome map, CallerIdentity caller, Func<TokenAnswer.Token, Reply> success, CancellationToken cancellationToken)
    {
        switch (HostResolver.Resolve(map, payload, caller))
        {
            case Resolution.Nothing:
                return Replies.NoServer;

            case Resolution.NotOurs(var reason):
                log.NotOurs(Verb.Get);
                _refused.TryRemove(HostOf(payload), out _);
                return Replies.NotFound(reason);

            case Resolution.Stopped(var problem):
                return Refuse(HostOf(payload), null, problem);

            case Resolution.Found(var binding):
                return sources(binding.Source, caller) switch
                {
                    SourceOutcome.Found(var source) => Answer(
                        binding,
                        await cache.GetAsync(new LoggingSource(source, log), binding.Refresh, binding.Host, binding.Organization, cancellationToken),
                        success),
                    SourceOutcome.Failed(var problem) => Fail(binding, problem, remember: true),
                    _ => throw new System.Diagnostics.UnreachableException(),
                };

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private Reply Answer(Binding binding, TokenAnswer answer, Func<TokenAnswer.Token, Reply> success)
    {
        _refused.TryRemove(binding.Host, out _);
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
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private Reply Fail(Binding binding, Problem problem, bool remember)
    {
        // The public gallery serves everybody without credentials; without ours it is only slower.
        if (binding is { Organization: null, Source.Service: EcrService.EcrPublic })
        {
            log.Failed(binding.Host, "-", problem.Kind, problem.Message);
            return Replies.NotFound($"going on without credentials: {problem.Message}");
        }

        return remember ? Refuse(binding.Host, binding.Organization, problem) : Logged(binding.Host, binding.Organization, problem);
    }

    private Reply Refuse(string host, string? organization, Problem problem)
    {
        if (_refused.Count < MaxRefused || _refused.ContainsKey(host))
        {
            _refused[host] = new RefusedHost(host, organization, problem, time.GetTimestamp());
        }

        return Logged(host, organization, problem);
    }

    private Reply Logged(string host, string? organization, Problem problem)
    {
        log.Failed(host, organization ?? "-", problem.Kind, problem.Message);
        return Replies.Failure(problem);
    }

    /// <summary>
    /// docker saves after every login what we gave it a moment before. For a host of ours that succeeds and keeps nothing; for
    /// another it fails, since saying yes would lose the user's password.
    /// </summary>
    private static Reply Store(byte[] payload, MapOutcome map, CallerIdentity caller)
    {
        if (StoreRequest.Parse(payload) is not { } store)
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

        return HostResolver.Resolve(map, Encoding.UTF8.GetBytes(store.Server), caller) switch
        {
            Resolution.Found => Replies.Silence,
            Resolution.Stopped(var problem) => Replies.Failure(problem),
            _ => Replies.Failure(new Problem(ProblemKind.BadConfiguration, "ark keeps no credentials, and this registry is not one that it serves", "bind the registry to another helper in credHelpers, or remove credsStore: ark from docker's configuration")),
        };
    }

    private Reply Erase(byte[] payload, MapOutcome map, CallerIdentity caller)
    {
        if (HostResolver.Resolve(map, payload, caller) is Resolution.Found(var binding) && sources(binding.Source, caller) is SourceOutcome.Found(var source))
        {
            cache.Forget(source.Key);
        }

        return Replies.Silence;
    }

    /// <summary>
    /// Docker's classic builder gets every host that is listed and stops at the first that fails, so a host that is known to fail
    /// is left out; asked for by name it still gives its error.
    /// </summary>
    private Reply List(MapOutcome map)
    {
        TokenStatus[] tokens = [.. cache.Snapshot().Where(token => HostResolver.Resolve(map, Encoding.UTF8.GetBytes(token.Host), CallerIdentity.Empty) is Resolution.Found)];
        IEnumerable<string> mapped = map is MapOutcome.Loaded(var loaded) ? loaded.Hosts : [];
        IEnumerable<string> good = tokens.Where(IsGood).Select(token => token.Host);
        IEnumerable<string> bad = tokens.Where(token => token.State == TokenState.Failing).Select(token => token.Host).Concat(_refused.Values.Where(refused => time.GetElapsedTime(refused.At) < RefusedForList).Select(refused => refused.Host));

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

    /// <summary>Failing or not, there is a token that is served.</summary>
    private bool IsGood(TokenStatus token) => token.State switch
    {
        TokenState.Fresh or TokenState.Refreshing => true,
        TokenState.Failing => token.ExpiresAt - time.GetUtcNow() > TimeSpan.Zero,
        TokenState.Expired => false,
    };

    private async Task<Reply> RefreshAsync(byte[] payload, MapOutcome map, CallerIdentity caller, CancellationToken cancellationToken)
    {
        string[] hosts = Trim(payload).IsEmpty
            ? [.. cache.Snapshot().DistinctBy(status => status.Key).Select(status => status.Host).Distinct()]
            : [Encoding.UTF8.GetString(Trim(payload))];
        if (hosts is [])
        {
            return Replies.Text(0, "nothing is cached");
        }

        // One that fails does not keep the others from being refreshed.
        var replies = new List<Reply>();
        foreach (string host in hosts)
        {
            replies.Add(await RefreshAsync(host, map, caller, cancellationToken));
        }

        return Replies.All(replies);
    }

    private async Task<Reply> RefreshAsync(string host, MapOutcome map, CallerIdentity caller, CancellationToken cancellationToken) =>
        HostResolver.Resolve(map, Encoding.UTF8.GetBytes(host), caller) switch
        {
            Resolution.Found(var binding) => await RefreshAsync(binding, caller, cancellationToken) is { } problem
                ? Logged(binding.Host, binding.Organization, problem)
                : Refreshed(binding.Host),
            Resolution.Stopped(var problem) => Replies.Failure(problem),
            _ => Replies.Failure(new Problem(ProblemKind.BadConfiguration, "ark does not serve this registry", "name an ECR registry, or bind this one to an organization in the map file")),
        };

    private Reply Refreshed(string host)
    {
        _refused.TryRemove(host, out _);
        return Replies.Text(0, $"refreshed {host}");
    }

    private async Task<Problem?> RefreshAsync(Binding binding, CallerIdentity caller, CancellationToken cancellationToken) =>
        sources(binding.Source, caller) switch
        {
            SourceOutcome.Found(var source) => await cache.RefreshAsync(new LoggingSource(source, log), binding.Refresh, binding.Host, binding.Organization, cancellationToken),
            SourceOutcome.Failed(var problem) => problem,
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static Reply Hosts(MapOutcome map) => map switch
    {
        MapOutcome.Loaded(var loaded) => new Reply(0, Encoding.UTF8.GetBytes(string.Concat(loaded.Hosts.Select(host => $"{host}\n"))), [], Build.Current),
        MapOutcome.Invalid invalid => Replies.Failure(invalid.Problem),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private byte[] Status() => StatusReport.Write(
        new DaemonFacts(Environment.ProcessId, time.GetElapsedTime(_started), Requests),
        cache.Snapshot(),
        _refused.Values.OrderBy(refused => refused.Host, StringComparer.Ordinal));

    /// <summary>The canonical host of what a client sent; only for input that the resolver knew as one.</summary>
    private static string HostOf(byte[] payload) => RegistryReference.Parse(payload) is RegistryParse.Parsed(var reference) ? reference.Host : "-";

    private static ReadOnlySpan<byte> Trim(byte[] payload) => payload.AsSpan().Trim(" \r\n"u8);
}
