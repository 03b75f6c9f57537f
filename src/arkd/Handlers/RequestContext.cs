using Ark.Core.Configuration;
using Ark.Core.Resolving;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Daemon.Handlers;

/// <summary>A request with what it is answered by: the caller, and the caller's configuration as it is now.</summary>
internal sealed record RequestContext(Request Request, ConfigurationOutcome Configuration, CallerIdentity Caller)
{
    public ReadOnlySpan<byte> Payload => Request.Payload;

    /// <summary>The payload without the blanks and line ends that clients add.</summary>
    public ReadOnlySpan<byte> Trimmed => Payload.Trim(" \r\n"u8);

    /// <summary>The canonical host of what a client sent; a dash when it is none.</summary>
    public string Host => RegistryReference.Parse(Payload) is RegistryParse.Parsed(var reference) ? reference.Host : "-";

    /// <summary>Whose registry the payload is.</summary>
    public Resolution Resolve() => HostResolver.Resolve(Configuration, Payload, Caller);

    /// <summary>Never the payload or the caller's variables.</summary>
    public override string ToString() => Request.Verb.ToString();
}
