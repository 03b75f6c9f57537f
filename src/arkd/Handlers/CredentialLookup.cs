using System.Collections.Concurrent;
using System.Diagnostics;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Logging;
using Ark.Daemon.Sources;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Handlers;

/// <summary>
/// The one way to a credential, for every verb that needs one: whose registry is it, where do its credentials come from, what has the
/// cache. What it comes to is logged here, and remembered for status where there is no cache entry to remember it.
/// </summary>
internal sealed class CredentialLookup(
    Func<Binding, CallerIdentity, SourceOutcome> sources, TokenCache cache, RefusedHosts refused, ILogger log)
{
    private readonly WarnedOnce _warnings = new();

    /// <param name="context">The request.</param>
    /// <param name="resolution">Whose registry it is about.</param>
    /// <param name="host">That registry's host, where it is not the request's whole payload.</param>
    /// <param name="anew">Whether a new token is wanted whatever is cached; it is not handed out then.</param>
    /// <param name="cancellationToken">Ends what no other request waits for.</param>
    public async Task<Lookup> FindAsync(
        RequestContext context, Resolution resolution, string? host, bool anew, CancellationToken cancellationToken)
    {
        switch (resolution)
        {
            case Resolution.Nothing:
                return new Lookup.Nothing();

            case Resolution.NotOurs(var reason):
                log.NotOurs(context.Request.Verb);
                refused.Remove(host ?? context.Host, organization: null);
                return new Lookup.NotOurs(reason);

            case Resolution.Stopped(var problem):
                return new Lookup.Failed(Refuse(host ?? context.Host, null, problem), null);

            case Resolution.Ambiguous(var problem):
                return new Lookup.Undecided(Refuse(host ?? context.Host, null, problem));

            case Resolution.Found(var binding):
                return await FindAsync(binding, context.Caller, anew, cancellationToken);

            default:
                throw new UnreachableException();
        }
    }

    private async Task<Lookup> FindAsync(Binding binding, CallerIdentity caller, bool anew, CancellationToken cancellationToken)
    {
        SourceOutcome outcome = sources(binding, caller);
        if (outcome is not SourceOutcome.Found { Source: var source, Warning: var warning })
        {
            return outcome is SourceOutcome.Failed(var why) ? Fail(binding, why, remember: true) : throw new UnreachableException();
        }

        RefreshPolicy policy = RegistrySources.PolicyOf(binding);
        if (anew)
        {
            Problem? failure = await cache.RefreshAsync(source, policy, binding.Host, binding.Organization, cancellationToken);
            refused.Remove(binding.Host, binding.Organization);
            return failure is null ? new Lookup.Renewed(binding) : Fail(binding, failure, remember: false);
        }

        TokenAnswer answer = await cache.GetAsync(source, policy, binding.Host, binding.Organization, cancellationToken);
        refused.Remove(binding.Host, binding.Organization);
        switch (answer)
        {
            case TokenAnswer.Token token:
                log.Answered(binding.Host, binding.Organization ?? "-");
                return new Lookup.Found(binding, _warnings.AddTo(token, warning));

            case TokenAnswer.Failed(var problem):
                return Fail(binding, problem, remember: false);

            default:
                throw new UnreachableException();
        }
    }

    private Lookup.Failed Fail(Binding binding, Problem problem, bool remember)
    {
        var failed = new Lookup.Failed(problem, binding);
        if (!failed.IsNoFault)
        {
            _ = remember && !failed.IsGallery
                ? Refuse(binding.Host, binding.Organization, problem)
                : Logged(binding.Host, binding.Organization, problem);
        }

        return failed;
    }

    private Problem Refuse(string host, string? organization, Problem problem)
    {
        refused.Add(host, organization, problem);
        return Logged(host, organization, problem);
    }

    private Problem Logged(string host, string? organization, Problem problem)
    {
        log.Failed(host, organization ?? "-", problem.Kind, problem.Message);
        return problem;
    }
}

/// <summary>What looking for a credential came to.</summary>
internal abstract record Lookup
{
    private Lookup()
    {
    }

    /// <summary>No registry was named.</summary>
    internal sealed record Nothing : Lookup;

    /// <summary>The registry is nobody's of ours; why is for the person at the terminal, if there is anything to say.</summary>
    internal sealed record NotOurs(string? Reason) : Lookup;

    /// <summary>Several organizations could answer.</summary>
    internal sealed record Undecided(Problem Problem) : Lookup;

    /// <summary>Whoever takes it wipes its secret.</summary>
    internal sealed record Found(Binding Binding, TokenAnswer.Token Token) : Lookup;

    internal sealed record Renewed(Binding Binding) : Lookup;

    /// <param name="Problem">Why not.</param>
    /// <param name="Binding">Whose the registry is, where that was found out.</param>
    internal sealed record Failed(Problem Problem, Binding? Binding) : Lookup
    {
        /// <summary>The client goes on without credentials, as where nobody ever saved any.</summary>
        public bool IsNoFault => Problem.Kind is ProblemKind.NotStored or ProblemKind.Loop;

        /// <summary>The public gallery serves everybody without credentials; without ours it is only slower.</summary>
        public bool IsGallery => Binding is { Organization: null, Source: EcrSource { Service: EcrService.EcrPublic } };
    }
}

/// <summary>
/// Hosts of ours that failed before a token could even be asked for, for status and list. A few of them; nothing here is secret.
/// </summary>
internal sealed class RefusedHosts(TimeProvider time)
{
    private const int MaxKept = 100;

    /// <summary>How long such a host stays out of the list: nobody asks for what is not listed, so its repair would go unnoticed.</summary>
    private static readonly TimeSpan KeptFromList = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Host, string? Organization), RefusedHost> _hosts = new();

    public IEnumerable<RefusedHost> All => _hosts.Values
        .OrderBy(refused => refused.Host, StringComparer.Ordinal)
        .ThenBy(refused => refused.Organization, StringComparer.Ordinal);

    /// <summary>Those that failed within the last minute.</summary>
    public IEnumerable<string> Lately =>
        _hosts.Values.Where(refused => time.GetElapsedTime(refused.At) < KeptFromList).Select(refused => refused.Host);

    public void Add(string host, string? organization, Problem problem)
    {
        if (_hosts.Count < MaxKept || _hosts.ContainsKey((host, organization)))
        {
            _hosts[(host, organization)] = new RefusedHost(host, organization, problem, time.GetTimestamp());
        }
    }

    /// <summary>One organization is served there, which says nothing about the others that share the host.</summary>
    public void Remove(string host, string? organization)
    {
        _hosts.TryRemove((host, organization), out _);
        _hosts.TryRemove((host, null), out _);
    }

    public void Clear() => _hosts.Clear();
}

/// <summary>One of them: no such profile, an invalid configuration, several organizations that could answer.</summary>
internal sealed record RefusedHost(string Host, string? Organization, Problem Problem, long At);

/// <summary>
/// Tells each warning with one answer, until what it is about changes: a person reads it once, a build does not repeat it.
/// </summary>
internal sealed class WarnedOnce
{
    /// <summary>Past this many they are told again.</summary>
    private const int MaxRemembered = 256;

    private readonly ConcurrentDictionary<SourceWarning, bool> _told = new();

    public TokenAnswer.Token AddTo(TokenAnswer.Token token, SourceWarning? warning)
    {
        if (warning is null)
        {
            return token;
        }

        if (_told.Count >= MaxRemembered)
        {
            _told.Clear();
        }

        string line = TextSanitizer.Line(warning.Text);
        return !_told.TryAdd(warning, true) ? token
            : token with { Warning = token.Warning is { } other ? $"{other}\nark: warning: {line}" : line };
    }
}
