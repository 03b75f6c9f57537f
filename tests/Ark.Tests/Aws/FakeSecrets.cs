using System.Text;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Core.Sources;

namespace Ark.Tests.Aws;

/// <summary>Secrets that a test keeps, and a note of who read them.</summary>
internal sealed class FakeSecrets : ISecretReader
{
    private readonly Dictionary<SecretReference, (string? Username, string Secret)> _kept = [];

    /// <summary>The callers, as they came here.</summary>
    public List<CallerIdentity> Callers { get; } = [];

    /// <summary>Every secret that was handed out; zeroes when it was wiped.</summary>
    public List<byte[]> HandedOut { get; } = [];

    /// <summary>The stamps of what is kept, where it has any.</summary>
    public Dictionary<SecretReference, string> Stamps { get; } = [];

    public void Keep(SecretReference reference, string secret, string? username = null) => _kept[reference] = (username, secret);

    public Task<Outcome<ReadSecret>> ReadAsync(SecretReference reference, CallerIdentity caller, CancellationToken cancellationToken)
    {
        Callers.Add(caller);
        if (!_kept.TryGetValue(reference, out (string? Username, string Secret) kept))
        {
            return Task.FromResult<Outcome<ReadSecret>>(new Problem(ProblemKind.NoCredentials, "nothing is kept there", "keep it there"));
        }

        byte[] bytes = Encoding.UTF8.GetBytes(kept.Secret);
        HandedOut.Add(bytes);
        return Task.FromResult<Outcome<ReadSecret>>(new ReadSecret(kept.Username, bytes));
    }

    public string StampOf(SecretReference reference, CallerIdentity caller) => Stamps.GetValueOrDefault(reference, "");
}
