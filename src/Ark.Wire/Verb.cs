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

    /// <summary>The registries that are configured or cached, without those that just failed, as JSON.</summary>
    List = 4,

    /// <summary>The daemon and its cache entries, as the JSON of <c>ark status --json</c>.</summary>
    Status = 16,

    /// <summary>The password alone for the registry or image reference in the payload.</summary>
    Token = 17,

    /// <summary>New tokens now, as the caller: for the registry in the payload, or for every cached host when it is empty.</summary>
    Refresh = 18,

    /// <summary>The hosts that the configuration binds, one a line.</summary>
    Hosts = 19,

    /// <summary>
    /// The configuration as JSON: <c>{"file", "defaultOrganization", "using", "organizations": [{"id", "name", "registries": [{"hosts",
    /// "repositoryPrefix", "source": {"type", "identity"}}]}]}</c>. Only where it is kept is said of a secret.
    /// With the payload <c>file</c> only <c>{"file"}</c>, which is known of a configuration that cannot be used as well.
    /// </summary>
    Organizations = 20,

    /// <summary>
    /// Reads the configuration whose absolute path is the payload (empty: the one in force) and says what is wrong with it, a line each.
    /// </summary>
    Validate = 21,

    /// <summary>
    /// Remembers the organization in the payload (its name or id) as the one that answers where several could; empty forgets it.
    /// </summary>
    Use = 22,

    /// <summary>
    /// A configuration proposed from the caller's AWS profiles; a line on standard error for each that had to be left out.
    /// </summary>
    Propose = 23,

    /// <summary>
    /// The image reference in the payload and its credentials as JSON: <c>{"host", "repository", "tag", "digest", "organization",
    /// "repositoryPrefix", "username", "secret", "expiresAt"}</c>. The last three are null where there are no credentials, such as for a
    /// registry that is not ours.
    /// </summary>
    Describe = 24,

    /// <summary>
    /// One page of an organization's repositories. Payload <c>{"organization", "registry", "nextToken"}</c>, the registry by its place in
    /// the configuration; answer <c>{"repositories": [{"organization", "url"}], "nextToken"}</c>.
    /// </summary>
    ListRepositories = 25,

    /// <summary>Creates a repository. Payload <c>{"organization", "name", "host", "ifNotExists"}</c>; answer its URL, a line.</summary>
    CreateRepository = 26,

    /// <summary>Deletes a repository. Payload <c>{"organization", "name", "host", "force"}</c>; answer its URL, a line.</summary>
    DeleteRepository = 27,

    /// <summary>
    /// Where a repository is or would be. Payload <c>{"organization", "name", "host"}</c>; answer its URL, a line. AWS is not asked.
    /// </summary>
    LocateRepository = 28,
}
