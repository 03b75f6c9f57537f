using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Aws.Calls;

/// <summary>An access key, with a session token when it is a session's. Whoever has one disposes of it, which wipes it.</summary>
internal sealed class AwsKeys : IDisposable
{
    private AwsKeys(string id, Secret secret, Secret? session) => (Id, Secret, Session) = (id, secret, session);

    public string Id { get; }

    public Secret Secret { get; }

    public Secret? Session { get; }

    /// <summary>The account that they are of, where whoever handed them out says so; otherwise null.</summary>
    public string? AccountId { get; set; }

    /// <summary>
    /// Which of the three has something within that no key has, such as a blank or a line break, and that no header could carry; else null.
    /// </summary>
    public KeyPart? Broken =>
        Id.AsSpan().ContainsAnyExceptInRange('!', '~') ? KeyPart.Id
        : Secret.Bytes.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? KeyPart.Secret
        : Session is { } session && session.Bytes.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? KeyPart.Session
        : null;

    /// <summary>What must not be in the text of a problem.</summary>
    public Secret?[] Secrets => [Secret, Session];

    /// <summary>
    /// Keys of these secrets, which belong to them from now on, without blanks and line breaks at their ends; null, and nothing left of
    /// the secrets, when one is missing.
    /// </summary>
    public static AwsKeys? From(string? id, Secret? secret, Secret? session)
    {
        (secret, session) = (Trimmed(secret), Trimmed(session));
        if (!string.IsNullOrWhiteSpace(id) && secret is not null)
        {
            return new AwsKeys(id.Trim(), secret, session);
        }

        secret?.Dispose();
        session?.Dispose();
        return null;
    }

    /// <summary>Keys that are strings already, as those of the user's own files.</summary>
    public static AwsKeys? From(string? id, string? secret, string? session) => From(id, SecretOf(secret), SecretOf(session));

    /// <summary>The keys of an answer, or the problem that it has none.</summary>
    /// <param name="endpoint">Who answered.</param>
    /// <param name="role">What the keys are for.</param>
    /// <param name="keys">What it has; null for none.</param>
    public static Outcome<AwsKeys> Answered(string endpoint, string role, AwsKeys? keys) =>
        keys is not null
            ? keys
            : new Problem(
                ProblemKind.BadAnswer,
                $"{new Uri(endpoint).Authority} answered for {role} without credentials",
                HttpFailure.CheckAddress);

    /// <summary>
    /// Enough of an id to know it again: <c>AKIA…MPLE</c>. Nothing of what is no id: it may be the secret, in the wrong place.
    /// </summary>
    public static string Short(string id) =>
        id.Length > 8 && id.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)) ? $"{id[..4]}…{id[^4..]}" : "…";

    /// <summary>A copy with a life of its own, or null when these are wiped already.</summary>
    public AwsKeys? Copy() => Secret.Copy() is { } secret ? new AwsKeys(Id, secret, Session?.Copy()) { AccountId = AccountId } : null;

    public void Dispose()
    {
        Secret.Dispose();
        Session?.Dispose();
    }

    /// <summary>Never the secret.</summary>
    public override string ToString() => Short(Id);

    /// <summary>The same without blanks at its ends, the longer one wiped; null when nothing is left.</summary>
    private static Secret? Trimmed(Secret? secret)
    {
        if (secret is null)
        {
            return null;
        }

        ReadOnlySpan<byte> text = secret.Bytes.Trim(" \t\r\n"u8);
        if (text.Length == secret.Bytes.Length && !text.IsEmpty)
        {
            return secret;
        }

        Secret? rest = text.IsEmpty ? null : new Secret(text);
        secret.Dispose();
        return rest;
    }

    private static Secret? SecretOf(string? text) => string.IsNullOrEmpty(text) ? null : new Secret(Encoding.UTF8.GetBytes(text));
}

/// <summary>What keys are made of.</summary>
internal enum KeyPart
{
    Id,
    Secret,
    Session,
}

/// <summary>
/// AWS Signature Version 4 in the headers of a request. The secret key is used where it is and never becomes a string; the session token
/// has to be one, since it is sent as a header.
/// </summary>
internal static class AwsSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Adds the headers that say who asks, and the signature over all that matters.</summary>
    /// <param name="request">The request, with its address and those headers that are to be signed.</param>
    /// <param name="body">What it sends.</param>
    /// <param name="keys">Who asks.</param>
    /// <param name="region">The region to sign for.</param>
    /// <param name="service">The service, as signatures name it.</param>
    /// <param name="now">The service's time.</param>
    public static void Sign(
        HttpRequestMessage request, ReadOnlySpan<byte> body, AwsKeys keys, string region, string service, DateTimeOffset now)
    {
        string time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.Host = request.RequestUri!.Authority;
        request.Headers.TryAddWithoutValidation("X-Amz-Date", time);
        if (keys.Session is { } session)
        {
            request.Headers.TryAddWithoutValidation("X-Amz-Security-Token", Encoding.UTF8.GetString(session.Bytes));
        }

        (string Name, string Value)[] headers =
        [
            .. request.Headers.Concat(request.Content!.Headers)
                .Select(static header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(',', header.Value)))
                .Where(static header => IsSigned(header.Name))
                .OrderBy(static header => header.Name, StringComparer.Ordinal),
        ];
        string signed = string.Join(';', headers.Select(static header => header.Name));
        string path = string.Join('/', request.RequestUri.AbsolutePath.Split('/').Select(Uri.EscapeDataString));
        using var canonical = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(canonical, $"{request.Method}\n{path}\n\n");
        foreach ((string name, string value) in headers)
        {
            Add(canonical, $"{name}:");
            Add(canonical, value);
            Add(canonical, "\n");
        }

        Add(canonical, $"\n{signed}\n{Convert.ToHexStringLower(SHA256.HashData(body))}");
        string scope = $"{time[..8]}/{region}/{service}/aws4_request";
        string toSign = $"{Algorithm}\n{time}\n{scope}\n{Convert.ToHexStringLower(canonical.GetHashAndReset())}";
        string signature = Sign(keys.Secret, scope, toSign);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"{Algorithm} Credential={keys.Id}/{scope}, SignedHeaders={signed}, Signature={signature}");
    }

    private static bool IsSigned(string header) =>
        header is "host" or "content-type" || header.StartsWith("x-amz-", StringComparison.Ordinal);

    private static string Sign(Secret secret, string scope, string text)
    {
        // Every key on the way to the last one is as good as the secret, for a day at least.
        byte[] first = GC.AllocateUninitializedArray<byte>(4 + secret.Bytes.Length, pinned: true);
        byte[] key = GC.AllocateUninitializedArray<byte>(SHA256.HashSizeInBytes, pinned: true);
        "AWS4"u8.CopyTo(first);
        secret.Bytes.CopyTo(first.AsSpan(4));
        byte[] last = first;
        foreach (string part in scope.Split('/'))
        {
            HMACSHA256.HashData(last, Encoding.UTF8.GetBytes(part), key);
            last = key;
        }

        string signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        CryptographicOperations.ZeroMemory(first);
        CryptographicOperations.ZeroMemory(key);
        return signature;
    }

    /// <summary>Piece by piece: a text of the whole request would hold the session token once more.</summary>
    private static void Add(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(bytes);
        CryptographicOperations.ZeroMemory(bytes);
    }
}
