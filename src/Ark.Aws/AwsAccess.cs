using Ark.Aws.Calls;
using Ark.Aws.Credentials;
using Ark.Aws.Identity;
using Ark.Aws.Profiles;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Processes;

namespace Ark.Aws;

/// <summary>What everything here needs of the daemon to ask AWS. One instance serves a whole daemon, from any thread.</summary>
public sealed class AwsAccess
{
    /// <param name="time">The clock of every limit and expiry.</param>
    /// <param name="programs">Where the programs are that profiles name.</param>
    /// <param name="callers">Where callers' files are. A home of another user is never used, whoever names it.</param>
    /// <param name="secrets">Reads access keys that the configuration keeps elsewhere than in a profile.</param>
    /// <param name="own">
    /// The variables with which the daemon itself was started: where metadata endpoints are, for organizations that use them.
    /// </param>
    public AwsAccess(
        TimeProvider time, ProgramSearch programs, CallerContexts callers, ISecretReader secrets, CallerIdentity? own = null)
    {
        (Time, Callers, Clock, Profiles) = (time, callers, new AwsClock(time), new ProfileStore(time));
        var instance = new InstanceMetadata(time);
        Identities = new IdentityResolver(Profiles, callers, secrets, instance, own ?? CallerIdentity.Empty);
        Session = new AwsSession(time, Clock, new CredentialResolver(time, programs, new StoredKeys(time, secrets), instance));
    }

    /// <summary>How this machine's clock compares with AWS's.</summary>
    public AwsClock Clock { get; }

    internal TimeProvider Time { get; }

    internal ProfileStore Profiles { get; }

    internal CallerContexts Callers { get; }

    internal IdentityResolver Identities { get; }

    internal AwsSession Session { get; }
}
