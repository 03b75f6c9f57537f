using Ark.Client;
using Ark.Wire;

namespace Ark.Cli;

/// <summary>Stands where <c>DaemonClient.ForThisUser()</c> goes: no daemon, ever.</summary>
internal sealed class UnwiredDaemon : IDaemon
{
    public AskResult Ask(Verb verb, ReadOnlySpan<byte> payload, StartMode start) => new AskResult.Absent();

    public bool Leave() => true;
}
