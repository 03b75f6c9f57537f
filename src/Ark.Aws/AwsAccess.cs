using Ark.Aws.Credentials;
using Ark.Aws.Identity;
using Ark.Aws.Profiles;
using Ark.Core.Secrets;
using Ark.Processes;

namespace Ark.Aws;

/// <summary>What everything here needs of the daemon to ask AWS for somebody. One instance serves a whole daemon, from any thread.</summary>
/// <param name="time">The clock of every limit and expiry.</param>
/// <param name="environment">The daemon's own environment: <c>HOME</c> (on Windows also <c>USERPROFILE</c>) and <c>PATH</c> are
/// looked up, nothing else.</param>
/// <param name="isOurs">Whether the directory at a path, links resolved, belongs to the user that the daemon runs as. A home that does
/// not is never used, whoever names it.</param>
/// <param name="secrets">Reads access keys that the configuration keeps elsewhere than in a profile.</param>
public sealed class AwsAccess(TimeProvider time, Func<string, string?> environment, Func<string, bool> isOurs, ISecretReader secrets)
{
    internal TimeProvider Time => time;

    internal ProfileStore Profiles { get; } = new(time);

    internal Homes Homes { get; } = new(environment, isOurs);

    internal IdentityResolver Askers => new(Profiles, Homes, secrets);

    internal AwsSession Session { get; } = new(time, new ProgramSearch(environment("PATH")), new KeptKeys(time, secrets));
}
