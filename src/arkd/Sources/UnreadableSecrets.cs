using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;

namespace Ark.Daemon.Sources;

/// <summary>Reads no secret at all: what a daemon has whose map can name none.</summary>
internal sealed class UnreadableSecrets : ISecretReader
{
    public Task<Outcome<ReadSecret>> ReadAsync(SecretReference reference, CallerIdentity caller, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<ReadSecret>>(new Problem(
            ProblemKind.BadConfiguration, "keys outside of a profile are not read by this version", "put them into a profile, and name it in the map file"));
}
