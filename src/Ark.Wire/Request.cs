using System.Security.Cryptography;
using System.Text;

namespace Ark.Wire;

/// <summary>One question to the daemon. Whoever has read one disposes of it, which wipes what it carries.</summary>
/// <param name="Build">The client's version, such as <c>0.1.0</c>.</param>
/// <param name="Verb">What is asked.</param>
/// <param name="Payload">The verb's bytes, as they came on standard input. For <see cref="Verb.Store"/> they hold a secret.</param>
/// <param name="Identity">The caller's <see cref="IdentityVariables"/>.</param>
public sealed record Request(string Build, Verb Verb, byte[] Payload, CallerVariables Identity) : IDisposable
{
    public Request(string build, Verb verb, byte[] payload, IReadOnlyDictionary<string, string> identity)
        : this(build, verb, payload, CallerVariables.Of(identity))
    {
    }

    /// <summary>The process that sent it, which waits for the answer; 0 where the system does not say. Not part of what is sent.</summary>
    public int Process { get; set; }

    /// <summary>
    /// Whether it names files, programs or a container's addresses, which are the caller's only if the daemon sees the same under those
    /// names.
    /// </summary>
    public bool NamesFiles =>
        Verb == Verb.Validate || IdentityVariables.Paths.Any(Identity.ContainsKey) || IdentityVariables.Addresses.Any(Identity.ContainsKey);

    /// <summary>The whole frame, or null when payload and identity together exceed <see cref="Frame.MaxBody"/>.</summary>
    public byte[]? ToFrame(ulong requestId)
    {
        var body = new BodyWriter(GC.AllocateUninitializedArray<byte>(Frame.MaxBody, pinned: true));
        body.Text(Build);
        body.Byte((byte)Verb);
        body.Bytes(Payload);
        Identity.Write(ref body);
        byte[]? frame = body.Overflow ? null : Frame.Join(FrameType.Request, requestId, body.Written);
        body.Wipe();
        return frame;
    }

    /// <summary>
    /// Reads a body. Null when it is malformed; a verb that this build does not know comes through, for the daemon to refuse by name.
    /// </summary>
    public static Request? Parse(ReadOnlySpan<byte> bytes)
    {
        var body = new BodyReader(bytes);
        string build = body.Text();
        var verb = (Verb)body.Byte();
        byte[] payload = body.Secret();
        if (CallerVariables.Read(ref body) is { } identity)
        {
            var request = new Request(build, verb, payload, identity);
            if (body.Complete)
            {
                return request;
            }

            request.Dispose();
        }

        return null;
    }

    /// <summary>Wipes the payload and the caller's secrets.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(Payload);
        Identity.Dispose();
    }

    /// <summary>Never the payload or the variables.</summary>
    public override string ToString() => $"{Verb} from {Build}";
}

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

    /// <summary>
    /// A step of <c>ark login</c>. Payload <c>{"organization", "profile", "attempt", "code"}</c>, all optional; the answer is whose login
    /// is meant where no profile is named, else what is to be done next.
    /// </summary>
    Login = 29,

    /// <summary>
    /// Who answers for a registry and why, without asking for a token. Payload <c>{"registry", "organization"}</c>, the second optional;
    /// answer as <c>RegistryExplanation</c> in Ark.Messages.
    /// </summary>
    Explain = 30,
}

/// <summary>
/// The body of a <see cref="FrameType.Leave"/> frame: the build that wants to take the daemon's place, or <c>*</c> when a person asks.
/// A client that learned too late that the old daemon was replaced already must not end its successor.
/// </summary>
public static class ShutdownRequest
{
    /// <summary>From a person, who is obeyed.</summary>
    public static byte[] FromPerson => [.. "*"u8];

    /// <summary>From a client that would start this build, to a daemon that it found to be older.</summary>
    public static byte[] From(string build) => Encoding.UTF8.GetBytes(build);

    /// <summary>Whether a daemon of this build should leave.</summary>
    public static bool IsFor(ReadOnlySpan<byte> body) => body.SequenceEqual("*"u8) || Build.IsNewer(Encoding.UTF8.GetString(body));
}
