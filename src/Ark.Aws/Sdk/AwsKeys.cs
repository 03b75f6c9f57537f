using Amazon.Runtime;

namespace Ark.Aws.Sdk;

/// <summary>An access key, with a session token when it is a session's.</summary>
internal sealed record AwsKeys(string Id, string Secret, string? Session)
{
    /// <summary>Enough of the id to know it again: <c>AKIA…MPLE</c>. Nothing of what is no id: it may be the secret, in the wrong
    /// place.</summary>
    public string ShortId => Id.Length > 8 && Id.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)) ? $"{Id[..4]}…{Id[^4..]}" : "…";

    /// <summary>Keys that AWS or a program handed out, or null when one is missing.</summary>
    public static AwsKeys? From(string? id, string? secret, string? session) =>
        string.IsNullOrEmpty(id) || string.IsNullOrEmpty(secret)
            ? null
            : new AwsKeys(id, secret, string.IsNullOrEmpty(session) ? null : session);

    public AWSCredentials ForSdk() => Session is null
        ? new BasicAWSCredentials(Id, Secret)
        : new SessionAWSCredentials(Id, Secret, Session);

    /// <summary>Never the secret.</summary>
    public override string ToString() => ShortId;
}
