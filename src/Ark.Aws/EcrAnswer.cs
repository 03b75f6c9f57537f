using System.Buffers.Text;
using System.Security.Cryptography;
using Ark.Core.Problems;
using Ark.Core.Tokens;

namespace Ark.Aws;

/// <summary>What AWS answered, before anybody has looked whether it is a token.</summary>
/// <param name="Count">How many tokens there were; one is right.</param>
/// <param name="Token">Base64 of <c>AWS:password</c>.</param>
/// <param name="ExpiresAt">UTC.</param>
internal sealed record EcrAnswer(int Count, string? Token, DateTime? ExpiresAt)
{
    private const int MaxSecret = 64 * 1024;

    /// <summary>AWS promises twelve hours. An answer that promises more is believed that far.</summary>
    private static readonly TimeSpan MaxLife = TimeSpan.FromHours(12);

    public FetchOutcome Read(DateTimeOffset now, string host)
    {
        if (Count != 1 || Token is null || ExpiresAt is not { } expiry)
        {
            return Bad(host, Count == 1 ? "a token that lacks its text or its expiry" : $"{Count} tokens instead of one");
        }

        var expiresAt = new DateTimeOffset(DateTime.SpecifyKind(expiry, DateTimeKind.Utc));
        if (expiresAt <= now)
        {
            return new FetchOutcome.Failed(new Problem(
                ProblemKind.BadAnswer, $"{host} answered with a token that expired at {expiresAt:u}", "check this machine's clock"));
        }

        byte[] decoded = GC.AllocateUninitializedArray<byte>(Base64.GetMaxDecodedFromUtf8Length(Token.Length), pinned: true);
        try
        {
            if (!Convert.TryFromBase64String(Token, decoded, out int length))
            {
                return Bad(host, "a token that is not base64");
            }

            ReadOnlySpan<byte> text = decoded.AsSpan(0, length);
            int colon = text.IndexOf((byte)':');
            if (colon < 0 || !text[..colon].SequenceEqual("AWS"u8) || !IsSecret(text[(colon + 1)..]))
            {
                return Bad(host, "a token that is not 'AWS:' and a password");
            }

            DateTimeOffset believed = expiresAt <= now + MaxLife ? expiresAt : now + MaxLife;
#pragma warning disable CA2000 // Whoever gets the outcome owns the token.
            return new FetchOutcome.Fetched(new AuthorizationToken("AWS", text[(colon + 1)..], believed));
#pragma warning restore CA2000
        }
        finally
        {
            CryptographicOperations.ZeroMemory(decoded);
        }
    }

    /// <summary>Never the token.</summary>
    public override string ToString() => $"{Count} tokens until {ExpiresAt:O}";

    // A password goes through files and headers of other programs: what is not printable ASCII is not one.
    private static bool IsSecret(ReadOnlySpan<byte> secret) =>
        secret.Length is > 0 and <= MaxSecret && !secret.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private static FetchOutcome.Failed Bad(string host, string what) =>
        new(new Problem(ProblemKind.BadAnswer, $"{host} answered with {what}", "check what answers at the endpoint's address"));
}
