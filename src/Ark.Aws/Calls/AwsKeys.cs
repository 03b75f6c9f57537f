using System.Text;
using Amazon.Runtime;
using Ark.Wire;

namespace Ark.Aws.Calls;

/// <summary>An access key, with a session token when it is a session's. Whoever has one disposes of it, which wipes it.</summary>
internal sealed class AwsKeys : IDisposable
{
    private AwsKeys(string id, Secret secret, Secret? session) => (Id, Secret, Session) = (id, secret, session);

    public string Id { get; }

    public Secret Secret { get; }

    public Secret? Session { get; }

    /// <summary>What must not be in the text of a problem.</summary>
    public Secret?[] Secrets => [Secret, Session];

    /// <summary>
    /// Keys of these secrets, which belong to them from now on; null, and nothing left of the secrets, when one is missing.
    /// </summary>
    public static AwsKeys? From(string? id, Secret? secret, Secret? session)
    {
        if (!string.IsNullOrEmpty(id) && secret is { Bytes.IsEmpty: false })
        {
            return new AwsKeys(id, secret, session is { Bytes.IsEmpty: false } ? session : null);
        }

        secret?.Dispose();
        session?.Dispose();
        return null;
    }

    /// <summary>Keys that are strings already: those of the user's own files, and those that the SDK hands out.</summary>
    public static AwsKeys? From(string? id, string? secret, string? session) => From(id, SecretOf(secret), SecretOf(session));

    /// <summary>
    /// Enough of an id to know it again: <c>AKIA…MPLE</c>. Nothing of what is no id: it may be the secret, in the wrong place.
    /// </summary>
    public static string Short(string id) =>
        id.Length > 8 && id.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)) ? $"{id[..4]}…{id[^4..]}" : "…";

    /// <summary>The SDK takes strings, which nobody can wipe.</summary>
    public AWSCredentials ForSdk() => Session is null
        ? new BasicAWSCredentials(Id, Encoding.UTF8.GetString(Secret.Bytes))
        : new SessionAWSCredentials(Id, Encoding.UTF8.GetString(Secret.Bytes), Encoding.UTF8.GetString(Session.Bytes));

    public void Dispose()
    {
        Secret.Dispose();
        Session?.Dispose();
    }

    /// <summary>Never the secret.</summary>
    public override string ToString() => Short(Id);

    private static Secret? SecretOf(string? text) => string.IsNullOrEmpty(text) ? null : new Secret(Encoding.UTF8.GetBytes(text));
}
