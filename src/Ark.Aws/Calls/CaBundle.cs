using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ark.Aws.Profiles;
using Ark.Core.Problems;

namespace Ark.Aws.Calls;

/// <summary>Reads the roots that somebody trusts instead of the platform's.</summary>
internal static class CaBundle
{
    /// <summary>The certificates of the PEM file; none without a file.</summary>
    public static Outcome<X509Certificate2Collection> Load(string? path)
    {
        var roots = new X509Certificate2Collection();
        if (path is null)
        {
            return roots;
        }

        try
        {
            roots.ImportFromPem(SmallFile.ReadText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            roots.Clear();
        }

        return roots.Count > 0
            ? roots
            : new Problem(
                ProblemKind.BadSetting,
                $"the CA bundle {path} has no certificate that can be read",
                "correct AWS_CA_BUNDLE or the profile's ca_bundle");
    }
}
