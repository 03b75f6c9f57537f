using Ark.Aws.Askers;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Programs;

namespace Ark.Aws;

/// <summary>Finds the token source of an ECR registry for a caller. One instance serves a whole daemon, from any thread.</summary>
/// <param name="time">The clock of every limit and expiry.</param>
/// <param name="environment">The daemon's own environment: <c>HOME</c> (on Windows also <c>USERPROFILE</c>) and <c>PATH</c> are
/// looked up, nothing else.</param>
/// <param name="isOurs">Whether the directory at a path, links resolved, belongs to the user that the daemon runs as. A home that does
/// not is never used, whoever names it.</param>
public sealed class EcrTokenSources(TimeProvider time, Func<string, string?> environment, Func<string, bool> isOurs)
{
    private readonly AskerFinder _askers = new(new ProfileStore(time), new Homes(environment, isOurs));
    private readonly ProgramSearch _programs = new(environment("PATH"));

    /// <summary>
    /// The source that answers for <paramref name="caller"/> at <paramref name="source"/>. Looks at profile files, never at the
    /// network. Where the source names a profile, only the caller's home counts, none of the other variables.
    /// </summary>
    public SourceOutcome For(EcrSource source, CallerIdentity caller) =>
        _askers.Find(source, caller).Succeeded(out Asker? asker, out Problem? problem)
        ? new SourceOutcome.Found(new EcrTokenSource(time, source, asker, _programs))
        : new SourceOutcome.Failed(Shown.Of(problem));
}
