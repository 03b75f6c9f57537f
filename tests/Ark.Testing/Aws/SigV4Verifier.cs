using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ark.Testing.Aws;

/// <summary>
/// Checks AWS Signature Version 4 in the Authorization header, from the request as it was received. It shares no code with any
/// signer, so that a signer which is wrong in the same way cannot pass.
/// </summary>
public sealed class SigV4Verifier(Func<string, Principal?> find, TimeProvider clock)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>How far the signature's time may be from the verifier's, either way.</summary>
    public static TimeSpan Tolerance { get; } = TimeSpan.FromMinutes(5);

    public SignatureVerdict Verify(SignedRequest request)
    {
        if (request.Header("Authorization") is not { } authorization)
        {
            return Refuse(SignatureFault.Missing, "Missing Authentication Token");
        }

        if (Claim.Parse(authorization) is not { } claim)
        {
            return Refuse(
                SignatureFault.Incomplete, "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.");
        }

        if (request.Header("X-Amz-Date") is not { } stamp
            || !DateTimeOffset.TryParseExact(
                stamp, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt)
            || !stamp.StartsWith(claim.Date, StringComparison.Ordinal))
        {
            return Refuse(
                SignatureFault.Incomplete, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP");
        }

        if (MustBeSigned(request).FirstOrDefault(name => !claim.SignedHeaders.Contains(name)) is { } unsigned)
        {
            return Refuse(SignatureFault.Mismatch, $"'{unsigned}' must be a 'SignedHeader' in the AWS Authorization.");
        }

        if (find(claim.AccessKeyId) is not { } principal || principal.SessionToken != request.Header("X-Amz-Security-Token"))
        {
            return Refuse(SignatureFault.UnknownKey, "The security token included in the request is invalid.");
        }

        if (principal.ExpiresAt <= clock.GetUtcNow())
        {
            return Refuse(SignatureFault.ExpiredSession, "The security token included in the request is expired");
        }

        if (!SignatureMatches(request, claim, stamp, principal))
        {
            return Refuse(
                SignatureFault.Mismatch,
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
                + "signing method. Consult the service documentation for details.");
        }

        return SkewMessage(signedAt) is { } skewed
            ? Refuse(SignatureFault.Mismatch, skewed)
            : new SignatureVerdict.Accepted(principal, claim.Region, claim.Service);
    }

    /// <summary>The text that is hashed into the string to sign.</summary>
    internal static string CanonicalRequest(SignedRequest request, IReadOnlyList<string> signedHeaders)
    {
        var (path, query) = request.Target.Split('?', 2) is [var before, var after] ? (before, after) : (request.Target, "");
        var headers = signedHeaders.Select(name => $"{name}:{string.Join(',', request.Values(name).Select(CollapseBlanks))}\n");
        return string.Join(
            '\n',
            request.Method,
            Escape(Normalise(path), keepSlash: true),
            CanonicalQuery(query),
            string.Concat(headers),
            string.Join(';', signedHeaders),
            Hex(SHA256.HashData(request.Body.Span)));
    }

    private static SignatureVerdict.Refused Refuse(SignatureFault fault, string message) => new(fault, message);

    private static IEnumerable<string> MustBeSigned(SignedRequest request) =>
        request.Headers
            .Select(header => header.Key.ToLowerInvariant())
            .Where(name => name == "host" || name.StartsWith("x-amz-", StringComparison.Ordinal));

    private static bool SignatureMatches(SignedRequest request, Claim claim, string stamp, Principal principal)
    {
        if (request.Header("X-Amz-Content-Sha256") is { } declared && declared != Hex(SHA256.HashData(request.Body.Span)))
        {
            return false;
        }

        var canonical = Hex(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalRequest(request, claim.SignedHeaders))));
        var toSign = $"{Algorithm}\n{stamp}\n{claim.Date}/{claim.Region}/{claim.Service}/aws4_request\n{canonical}";

        var key = Encoding.UTF8.GetBytes("AWS4" + principal.Secret);
        foreach (var part in (string[])[claim.Date, claim.Region, claim.Service, "aws4_request", toSign])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return Hex(key) == claim.Signature;
    }

    private string? SkewMessage(DateTimeOffset signedAt)
    {
        var now = clock.GetUtcNow();
        var (earliest, latest) = (now - Tolerance, now + Tolerance);
        return signedAt < earliest
            ? $"Signature expired: {Stamp(signedAt)} is now earlier than {Stamp(earliest)} ({Stamp(now)} - 5 min.)"
            : signedAt > latest
                ? $"Signature not yet current: {Stamp(signedAt)} is still later than {Stamp(latest)} ({Stamp(now)} + 5 min.)"
                : null;
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static string Normalise(string path)
    {
        List<string> kept = [];
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == "..")
            {
                kept.RemoveRange(Math.Max(0, kept.Count - 1), Math.Min(1, kept.Count));
            }
            else if (segment != ".")
            {
                kept.Add(segment);
            }
        }

        return kept.Count == 0 ? "/" : "/" + string.Join('/', kept) + (path.EndsWith('/') ? "/" : "");
    }

    private static string CanonicalQuery(string query)
    {
        var pairs = query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => (Name: Recode(pair[0]), Value: pair.Length == 2 ? Recode(pair[1]) : ""))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Value, StringComparer.Ordinal);
        return string.Join('&', pairs.Select(pair => $"{pair.Name}={pair.Value}"));

        static string Recode(string text) => Escape(Uri.UnescapeDataString(text), keepSlash: false);
    }

    private static string Escape(string text, bool keepSlash)
    {
        var escaped = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            var plain = char.IsAsciiLetterOrDigit((char)octet) || "-._~".Contains((char)octet, StringComparison.Ordinal);
            _ = plain || (keepSlash && octet == '/')
                ? escaped.Append((char)octet)
                : escaped.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return escaped.ToString();
    }

    private static string CollapseBlanks(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private sealed record Claim(
        string AccessKeyId, string Date, string Region, string Service, IReadOnlyList<string> SignedHeaders, string Signature)
    {
        public static Claim? Parse(string authorization)
        {
            if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal))
            {
                return null;
            }

            var fields = authorization[(Algorithm.Length + 1)..]
                .Split(',', StringSplitOptions.TrimEntries)
                .Select(field => field.Split('=', 2))
                .Where(field => field.Length == 2)
                .ToLookup(field => field[0], field => field[1], StringComparer.Ordinal);
            return fields["Credential"].FirstOrDefault()?.Split('/') is [var key, var date, var region, var service, "aws4_request"]
                && fields["SignedHeaders"].FirstOrDefault() is { } signed
                && fields["Signature"].FirstOrDefault() is { } signature
                    ? new Claim(key, date, region, service, signed.Split(';'), signature)
                    : null;
        }
    }
}
