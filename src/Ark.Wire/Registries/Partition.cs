namespace Ark.Wire.Registries;

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

    /// <summary>The domain of the dual-stack API.</summary>
    public string? DualStackApiDomain { get; init; }

    /// <summary>Whether dual-stack registries also go by <c>dkr.ecr</c>, which is what AWS's own helper understands in China.</summary>
    public bool HasDottedDualStack { get; init; }

    public static Partition Aws { get; } = new()
    {
        Name = "aws",
        Domain = "amazonaws.com",
        DualStackDomain = "on.aws",
        DualStackApiDomain = "api.aws",
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
            HasDottedDualStack = true,
        },
        new()
        {
            Name = "aws-us-gov",
            RegionPrefix = "us-gov-",
            Domain = "amazonaws.com",
            DualStackDomain = "on.aws",
            DualStackApiDomain = "api.aws",
        },
        new() { Name = "aws-iso", RegionPrefix = "us-iso-", Domain = "c2s.ic.gov" },
        new() { Name = "aws-iso-b", RegionPrefix = "us-isob-", Domain = "sc2s.sgov.gov" },
        new() { Name = "aws-iso-e", RegionPrefix = "eu-isoe-", Domain = "cloud.adc-e.uk" },
        new() { Name = "aws-iso-f", RegionPrefix = "us-isof-", Domain = "csp.hci.ic.gov" },
        new() { Name = "aws-eusc", RegionPrefix = "eusc-de-", Domain = "amazonaws.eu" },
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
