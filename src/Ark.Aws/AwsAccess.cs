using Ark.Aws.Calls;
using Ark.Aws.Credentials;
using Ark.Aws.Identity;
using Ark.Aws.Profiles;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Processes;

namespace Ark.Aws;

/// <summary>What everything here needs of the daemon to ask AWS. One instance serves a whole daemon, from any thread.</summary>
/// <param name="time">The clock of every limit and expiry.</param>
/// <param name="programs">Where the programs are that profiles name.</param>
/// <param name="callers">Where callers' files are. A home of another user is never used, whoever names it.</param>
/// <param name="secrets">Reads access keys that the configuration keeps elsewhere than in a profile.</param>
/// <param name="own">
/// The variables with which the daemon itself was started: where metadata endpoints are, for organizations that use them.
/// </param>
public sealed class AwsAccess(
    TimeProvider time, ProgramSearch programs, CallerContexts callers, ISecretReader secrets, CallerIdentity? own = null)
{
    private readonly InstanceMetadata _instance = new(time);

    /// <summary>How this machine's clock compares with AWS's.</summary>
    public AwsClock Clock { get; } = new(time);

    internal TimeProvider Time => time;

    internal ProfileStore Profiles { get; } = new(time);

    internal CallerContexts Callers => callers;

    internal IdentityResolver Identities => new(Profiles, callers, secrets, _instance, own ?? CallerIdentity.Empty);

    internal AwsSession Session =>
        field ??= new(time, Clock, new CredentialResolver(time, programs, new StoredKeys(time, secrets), _instance));
}
