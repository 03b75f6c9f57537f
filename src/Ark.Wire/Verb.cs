namespace Ark.Wire;

/// <summary>What a client asks of the daemon. On the wire it is the byte, so a number is never given to another verb.</summary>
public enum Verb : byte
{
    /// <summary>Credentials for the registry in the payload, as a docker credential helper answers.</summary>
    Get = 1,

    /// <summary>The client wants to save credentials; the payload is docker's JSON.</summary>
    Store = 2,

    /// <summary>The client wants credentials forgotten; the payload is the registry.</summary>
    Erase = 3,

    /// <summary>The registries that are mapped or cached, without those that just failed, as JSON.</summary>
    List = 4,

    /// <summary>The daemon and its cache entries, as the JSON of <c>ark status --json</c>.</summary>
    Status = 16,

    /// <summary>The password alone for the registry or image reference in the payload.</summary>
    Token = 17,

    /// <summary>New tokens now, as the caller: for the registry in the payload, or for every cached host when it is empty.</summary>
    Refresh = 18,

    /// <summary>The hosts that the map binds, one a line.</summary>
    Hosts = 19,
}
