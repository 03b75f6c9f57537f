namespace Ark.Testing.Aws;

/// <summary>How the stand-in answers one call, beyond the usual answer. A wrong signature is refused before any of it.</summary>
public abstract record Behavior
{
    private Behavior()
    {
    }

    /// <summary>AWS's own answer to too many calls.</summary>
    public static Behavior Throttle { get; } = new Fail(400, "ThrottlingException", "Rate exceeded");

    /// <summary>AWS's own answer when a policy does not allow the call.</summary>
    public static Behavior Deny { get; } = new Fail(
        400,
        "AccessDeniedException",
        "User is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the action");

    /// <summary>A fault of the service itself.</summary>
    public static Behavior ServerError { get; } = new Fail(500, "ServerException", "Service failure");

    /// <summary>An error of AWS's shape with that code.</summary>
    public sealed record Fail(int Status, string Code, string Message) : Behavior;

    /// <summary>The usual answer, but not before <paramref name="Gate"/> completes.</summary>
    public sealed record Wait(Task Gate) : Behavior;

    /// <summary>No answer until the client leaves or the stand-in stops.</summary>
    public sealed record Hang : Behavior;

    /// <summary>Half of the usual body, then the connection is cut.</summary>
    public sealed record Truncate : Behavior;

    /// <summary>A web page with status 200, as captive portals answer, or other words.</summary>
    public sealed record GarbageHtml(
        string Body = "<!doctype html><html><body>Please accept our terms of use</body></html>", string Type = "text/html") : Behavior;

    /// <summary>The connection is cut without a byte of answer.</summary>
    public sealed record CloseConnection : Behavior;

    /// <summary>A 307 to somewhere else.</summary>
    public sealed record Redirect(Uri Location) : Behavior;

    /// <summary>An answer that parses and is wrong. Only GetAuthorizationToken can lie.</summary>
    public sealed record Lie(TokenLie About) : Behavior;
}

/// <summary>What is wrong with a token answer.</summary>
public enum TokenLie
{
    /// <summary>No entry in authorizationData.</summary>
    EmptyList,

    /// <summary>An entry without authorizationToken.</summary>
    NoToken,

    /// <summary>An entry without expiresAt.</summary>
    NoExpiry,

    /// <summary>The token decodes to text without the <c>AWS:</c> in front.</summary>
    NoUserName,

    /// <summary>The token is no base64.</summary>
    NotBase64,

    /// <summary>The token expired an hour ago.</summary>
    AlreadyExpired,

    /// <summary>The token says that it lives for a hundred years.</summary>
    ExpiresInACentury,

    /// <summary>The proxyEndpoint is a host that is none of ECR's.</summary>
    ForeignRegistry,

    /// <summary>The proxyEndpoint is plain http.</summary>
    PlainRegistry,

    /// <summary>A token that never ends: streamed until the client leaves, at most 256 MiB.</summary>
    Endless,
}
