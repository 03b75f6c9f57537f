using Ark.Aws.Identity;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;

namespace Ark.Aws;

/// <summary>Finds the token source of an ECR registry for a caller. One instance serves a whole daemon, from any thread.</summary>
public sealed class EcrTokenSources(AwsAccess access)
{
    /// <summary>
    /// The source that answers for <paramref name="caller"/> at <paramref name="source"/>. Looks at profile files, never at the
    /// network. Where the source names a profile or a place of keys, only the caller's home counts, none of the other variables.
    /// </summary>
    public SourceOutcome For(EcrSource source, CallerIdentity caller) =>
        access.Askers.Find(source, caller).Succeeded(out AwsIdentity? asker, out Problem? problem)
            ? new SourceOutcome.Found(new EcrTokenSource(access.Time, source, asker, access.Session))
            : new SourceOutcome.Failed(problem);
}
