using Ark.Wire.Registries;

namespace Ark.Aws.Calls;

/// <summary>
/// Where the services of one fetch are: scheme, host and port, and at times a path. Null is the service's own address in its region.
/// </summary>
internal sealed record ServiceEndpoints(string Ecr, string? Sts, string? Sso, string? SsoOidc)
{
    public string StsIn(string region) => Sts ?? Own("sts", region);

    public string SsoIn(string region) => Sso ?? Own("portal.sso", region);

    public string SsoOidcIn(string region) => SsoOidc ?? Own("oidc", region);

    private static string Own(string service, string region) =>
        $"https://{service}.{region}.{(Partition.OfRegion(region) ?? Partition.Aws).Domain}";
}

/// <summary>Guards what becomes part of a host name.</summary>
internal static class RegionName
{
    private const int MaxLength = 32;

    public static bool IsValid(string region) =>
        region.Length is > 0 and <= MaxLength && region[0] != '-' && region[^1] != '-' &&
        region.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
