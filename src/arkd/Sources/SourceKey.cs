using System.Security.Cryptography;
using System.Text;
using Ark.Core.Tokens;

namespace Ark.Daemon.Sources;

/// <summary>The cache keys of sources other than ECR.</summary>
internal static class SourceKey
{
    private const int Shown = 16;

    /// <param name="type">The source's word in the configuration.</param>
    /// <param name="registry">What the credentials are for.</param>
    /// <param name="identity">Who asks, for people.</param>
    /// <param name="place">Where the caller's files and stores are.</param>
    /// <param name="rest">Whatever else makes a difference to what is fetched. It is only in the key as part of a fingerprint.</param>
    public static TokenKey Of(string type, string registry, string identity, CallerPlace place, params IEnumerable<string?> rest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string? part in place.Identity.Concat(rest))
        {
            // With its length in front, so that no two lists run together into the same bytes.
            byte[] bytes = Encoding.UTF8.GetBytes(part ?? "");
            hash.AppendData(BitConverter.GetBytes(part is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }

        return new TokenKey("", "", type, registry, $"{identity} {Convert.ToHexStringLower(hash.GetHashAndReset())[..Shown]}");
    }

    public static string Text(TimeSpan lifetime) => lifetime.ToString("c");
}
