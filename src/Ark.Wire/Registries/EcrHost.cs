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

    /// <summary>The API that issues its tokens, in its variant: <c>https://</c> and host.</summary>
    public string ApiEndpoint => Partition.Api(IsPublic ? "ecr-public" : "ecr", Region, Fips, DualStack);

    /// <summary>The public gallery, for its own names and for others that stand before it.</summary>
    public static EcrHost PublicGallery(bool dualStack = false) =>
        new() { Region = "us-east-1", Partition = Partition.Aws, DualStack = dualStack };

    /// <summary>A private registry that another name stands before; null when the region is none.</summary>
    public static EcrHost? Private(string accountId, string region, bool fips = false, bool dualStack = false) =>
        Partition.OfRegion(region) is { } partition
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

    /// <summary>
    /// For a host that was meant to be ECR's, how it is spelled right or what is wrong with it, as the rest of a sentence; nothing where
    /// neither can be told.
    /// </summary>
    public static string Correction(string host)
    {
        string[] labels = host.Split('.');
        string? region = labels.Select(RegionIn).FirstOrDefault(static found => found is not null);
        if (Array.Find(labels, static label => IsAccountId(label)) is { } account)
        {
            return region is not null && NameOf(account, region) is { } name && name != host ? $"; did you mean {name}?" : "";
        }

        return labels[0].Length > 8 && !labels[0].AsSpan().ContainsAnyExceptInRange('0', '9')
            ? $"; an account ID has {AccountLength} digits, and {labels[0]} has {labels[0].Length}"
            : "";
    }

    /// <summary>The region that a label is or, but for its last hyphen, would be.</summary>
    private static string? RegionIn(string label) =>
        Partition.OfRegion(label) is not null ? label
        : label.Length > 2 && char.IsAsciiDigit(label[^1]) && Partition.OfRegion($"{label[..^1]}-{label[^1]}") is not null
            ? $"{label[..^1]}-{label[^1]}"
        : null;

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

/// <summary>One of AWS's separate worlds: its regions and the domains that its ECR registries and APIs live under.</summary>
public sealed record Partition
{
    /// <summary>AWS's name for it, such as <c>aws-cn</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What every region's name begins with; null for <c>aws</c>, where it is any two letters of a continent or country.</summary>
    public string? RegionPrefix { get; init; }

    /// <summary>The domain of registries and of the API.</summary>
    public required string Domain { get; init; }

    /// <summary>The domain of dual-stack registries, null where AWS names none.</summary>
    public string? DualStackDomain { get; init; }

    /// <summary>The domain of dual-stack APIs.</summary>
    public required string DualStackApiDomain { get; init; }

    /// <summary>The domain that signin has regions below; null where it is a service like any other.</summary>
    public string? SigninDomain { get; init; }

    /// <summary>Whether the plain names of STS and of the identity center are FIPS already.</summary>
    public bool NeedsNoFipsName { get; init; }

    /// <summary>Whether dual-stack registries also go by <c>dkr.ecr</c>, which is what AWS's own helper understands in China.</summary>
    public bool HasDottedDualStack { get; init; }

    public static Partition Aws { get; } = new()
    {
        Name = "aws",
        Domain = "amazonaws.com",
        DualStackDomain = "on.aws",
        DualStackApiDomain = "api.aws",
        SigninDomain = "signin.aws.amazon.com",
    };

    public static IReadOnlyList<Partition> All { get; } =
    [
        Aws,
        new()
        {
            Name = "aws-cn",
            RegionPrefix = "cn-",
            Domain = "amazonaws.com.cn",
            DualStackDomain = "on.amazonwebservices.com.cn",
            DualStackApiDomain = "api.amazonwebservices.com.cn",
            SigninDomain = "signin.amazonaws.cn",
            HasDottedDualStack = true,
        },
        new()
        {
            Name = "aws-us-gov",
            RegionPrefix = "us-gov-",
            Domain = "amazonaws.com",
            DualStackDomain = "on.aws",
            DualStackApiDomain = "api.aws",
            SigninDomain = "signin.amazonaws-us-gov.com",
            NeedsNoFipsName = true,
        },
        new() { Name = "aws-iso", RegionPrefix = "us-iso-", Domain = "c2s.ic.gov", DualStackApiDomain = "api.aws.ic.gov" },
        new() { Name = "aws-iso-b", RegionPrefix = "us-isob-", Domain = "sc2s.sgov.gov", DualStackApiDomain = "api.aws.scloud" },
        new() { Name = "aws-iso-e", RegionPrefix = "eu-isoe-", Domain = "cloud.adc-e.uk", DualStackApiDomain = "api.cloud-aws.adc-e.uk" },
        new() { Name = "aws-iso-f", RegionPrefix = "us-isof-", Domain = "csp.hci.ic.gov", DualStackApiDomain = "api.aws.hci.ic.gov" },
        new() { Name = "aws-eusc", RegionPrefix = "eusc-de-", Domain = "amazonaws.eu", DualStackApiDomain = "api.amazonwebservices.eu" },
    ];

    /// <summary>The partition that a region belongs to by its name, or null when it is no region's name.</summary>
    public static Partition? OfRegion(string region)
    {
        foreach (Partition partition in All)
        {
            if (partition.Owns(region))
            {
                return partition;
            }
        }

        return null;
    }

    /// <summary>
    /// The address of an API as AWS's rules for endpoints have it: <c>https://</c> and host. tests/corpus/endpoints.tsv has them all.
    /// </summary>
    /// <param name="service">As host names have it: ecr, ecr-public, sts, portal.sso, oidc or signin.</param>
    /// <param name="region">A region of this partition.</param>
    /// <param name="fips">Whether its cryptography must be validated.</param>
    /// <param name="dualStack">Whether it must have IPv6.</param>
    public string Api(string service, string region, bool fips, bool dualStack)
    {
        if (service == "signin" && !fips && !dualStack && SigninDomain is not null)
        {
            return $"https://{region}.{SigninDomain}";
        }

        string name = (service, fips, dualStack) switch
        {
            ("ecr" or "ecr-public", false, false) => $"api.{service}.{region}",
            ("ecr", true, false) or ("ecr-public", true, _) => $"api.{service}-fips.{region}",
            ("sts" or "portal.sso" or "oidc", true, false) when NeedsNoFipsName => $"{service}.{region}",
            (_, true, _) => $"{service}-fips.{region}",
            _ => $"{service}.{region}",
        };
        return $"https://{name}.{(dualStack ? DualStackApiDomain : Domain)}";
    }

    /// <summary>Whether the name is the prefix, letters, a hyphen and a number: <c>eu-west-1</c>, <c>us-gov-east-1</c>.</summary>
    public bool Owns(ReadOnlySpan<char> region)
    {
        ReadOnlySpan<char> prefix = RegionPrefix;
        if (RegionPrefix is null)
        {
            if (region.Length < 3 || region[2] != '-' || !AreLetters(region[..2]) || region.StartsWith("cn"))
            {
                return false;
            }

            prefix = region[..3];
        }

        if (!region.StartsWith(prefix))
        {
            return false;
        }

        ReadOnlySpan<char> rest = region[prefix.Length..];
        int hyphen = rest.IndexOf('-');
        return hyphen > 0
            && AreLetters(rest[..hyphen])
            && rest.Length - hyphen - 1 is 1 or 2
            && !rest[(hyphen + 1)..].ContainsAnyExceptInRange('0', '9');
    }

    private static bool AreLetters(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('a', 'z');
}
