namespace Ark.Wire.Registries;

/// <summary>What one of ECR's own host names says: whose registry it is, where, and in which variant.</summary>
public sealed record EcrHost
{
    private const int AccountLength = 12;

    private static readonly (string Labels, bool Fips, bool DualStack)[] Shapes =
    [
        ("dkr.ecr.", false, false),
        ("dkr.ecr-fips.", true, false),
        ("dkr-ecr.", false, true),
        ("dkr-ecr-fips.", true, true),
    ];

    /// <summary>The owner, twelve digits; null for the public gallery, which has none.</summary>
    public string? AccountId { get; private init; }

    /// <summary>The region whose API issues tokens for it.</summary>
    public required string Region { get; init; }

    public required Partition Partition { get; init; }

    public bool Fips { get; private init; }

    public bool DualStack { get; private init; }

    /// <summary>Whether it is the public gallery.</summary>
    public bool IsPublic => AccountId is null;

    /// <summary>The API that issues its tokens, as AWS documents it for this variant: <c>https://</c> and host.</summary>
    public string ApiEndpoint => (IsPublic, Fips, DualStack) switch
    {
        (true, _, false) => $"https://api.ecr-public.{Region}.{Partition.Domain}",
        (true, _, true) => $"https://ecr-public.{Region}.{Partition.DualStackApiDomain}",
        (false, false, false) => $"https://api.ecr.{Region}.{Partition.Domain}",
        (false, false, true) => $"https://ecr.{Region}.{Partition.DualStackApiDomain}",
        (false, true, false) => $"https://ecr-fips.{Region}.{Partition.Domain}",
        (false, true, true) => $"https://ecr-fips.{Region}.{Partition.DualStackApiDomain}",
    };

    /// <summary>The public gallery, for its own names and for others that stand before it.</summary>
    public static EcrHost PublicGallery(bool dualStack = false) =>
        new() { Region = "us-east-1", Partition = Partition.Aws, DualStack = dualStack };

    /// <summary>A private registry that another name stands before; null when the region is none, or has no API of that variant.</summary>
    public static EcrHost? Private(string accountId, string region, bool fips = false, bool dualStack = false) =>
        Partition.OfRegion(region) is { } partition && (!dualStack || partition.DualStackApiDomain is not null)
            ? new() { AccountId = accountId, Region = region, Partition = partition, Fips = fips, DualStack = dualStack }
            : null;

    /// <summary>The host name that AWS gives such a registry first; null when the region is none.</summary>
    public static string? NameOf(string accountId, string region) =>
        Partition.OfRegion(region) is { } partition ? $"{accountId}.dkr.ecr.{region}.{partition.Domain}" : null;

    /// <summary>Whether the text is an AWS account's number.</summary>
    public static bool IsAccountId(ReadOnlySpan<char> text) =>
        text.Length == AccountLength && !text.ContainsAnyExceptInRange('0', '9');

    /// <summary>Matches a canonical host label by label and to its end; null when it is not one of ECR's names.</summary>
    public static EcrHost? Match(string host) => host switch
    {
        "public.ecr.aws" => PublicGallery(),
        "ecr-public.aws.com" => PublicGallery(dualStack: true),
        _ => MatchPrivate(host),
    };

    /// <summary>Whether a host that does not match was probably meant to: one of its labels is ECR's.</summary>
    public static bool IsNearMiss(ReadOnlySpan<char> host)
    {
        foreach (Range range in host.Split('.'))
        {
            if (host[range] is "dkr" or "ecr" or "ecr-fips" or "dkr-ecr" or "dkr-ecr-fips" or "ecr-public")
            {
                return true;
            }
        }

        return false;
    }

    private static EcrHost? MatchPrivate(string host)
    {
        if (host.Length <= AccountLength || host[AccountLength] != '.' || !IsAccountId(host.AsSpan(0, AccountLength)))
        {
            return null;
        }

        ReadOnlySpan<char> rest = host.AsSpan(AccountLength + 1);
        foreach ((string labels, bool fips, bool dualStack) in Shapes)
        {
            if (rest.StartsWith(labels))
            {
                return MatchRegion(host[..AccountLength], rest[labels.Length..], fips, dualStack);
            }
        }

        return null;
    }

    private static EcrHost? MatchRegion(string accountId, ReadOnlySpan<char> regionAndDomain, bool fips, bool dualStack)
    {
        int dot = regionAndDomain.IndexOf('.');
        if (dot < 0)
        {
            return null;
        }

        string region = regionAndDomain[..dot].ToString();
        if (Partition.OfRegion(region) is not { } partition)
        {
            return null;
        }

        ReadOnlySpan<char> domain = regionAndDomain[(dot + 1)..];
        bool isDualStackDomain = partition.DualStackDomain is { } dual && domain.SequenceEqual(dual);
        bool matches = dualStack ? isDualStackDomain
            : domain.SequenceEqual(partition.Domain) || (isDualStackDomain && partition.HasDottedDualStack);
        return !matches ? null : new()
        {
            AccountId = accountId,
            Region = region,
            Partition = partition,
            Fips = fips,
            DualStack = isDualStackDomain,
        };
    }
}
