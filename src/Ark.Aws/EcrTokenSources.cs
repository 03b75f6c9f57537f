using Ark.Aws.Askers;
using Ark.Aws.Credentials;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;

namespace Ark.Aws;

/// <summary>Finds the token source of an ECR registry for a caller. One instance serves a whole daemon, from any thread.</summary>
/// <param name="time">The clock of every limit and expiry.</param>
/// <param name="environment">The daemon's own environment: <c>HOME</c> (on Windows also <c>USERPROFILE</c>) and <c>PATH</c> are
/// looked up, nothing else.</param>
public sealed class EcrTokenSources(TimeProvider time, Func<string, string?> environment)
{
    private readonly AskerFinder _askers = new(new ProfileStore(time), HomeIn(environment));
    private readonly ProgramSearch _programs = new(environment("PATH"));

    /// <summary>
    /// The source that answers for <paramref name="caller"/> at <paramref name="source"/>. Looks at profile files, never at the
    /// network. The caller's variables count only where the source names no profile.
    /// </summary>
    public SourceOutcome For(EcrSource source, CallerIdentity caller) =>
        _askers.Find(source, caller).Succeeded(out Asker? asker, out Problem? problem)
        ? new SourceOutcome.Found(new EcrTokenSource(time, source, asker, _programs))
        : new SourceOutcome.Failed(problem);

    private static string? HomeIn(Func<string, string?> environment)
    {
        string? home = environment("HOME") is { Length: > 0 } own ? own : OperatingSystem.IsWindows() ? environment("USERPROFILE") : null;
        return home is not null && Path.IsPathFullyQualified(home) ? home : null;
    }
}
