using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Ark.Tests.Registries;

/// <summary>
/// The rules of registry addresses written a second time, from the specification and by other means (regular expressions over Latin-1),
/// so that the two can be held against each other. Slow, and used by tests only.
/// </summary>
internal static partial class SecondParser
{
    private static readonly (string Partition, Regex Host, bool DualStack)[] EcrHosts =
    [
        Shape("aws", Ipv4, @"(?!cn)[a-z]{2}", @"amazonaws\.com", false),
        Shape("aws", Dual, @"(?!cn)[a-z]{2}", @"on\.aws", true),
        Shape("aws-cn", Ipv4, "cn", @"amazonaws\.com\.cn", false),
        Shape("aws-cn", Dual, "cn", @"on\.amazonwebservices\.com\.cn", true),
        Shape("aws-cn", Ipv4, "cn", @"on\.amazonwebservices\.com\.cn", true),
        Shape("aws-us-gov", Ipv4, "us-gov", @"amazonaws\.com", false),
        Shape("aws-us-gov", Dual, "us-gov", @"on\.aws", true),
        Shape("aws-iso", Ipv4, "us-iso", @"c2s\.ic\.gov", false),
        Shape("aws-iso-b", Ipv4, "us-isob", @"sc2s\.sgov\.gov", false),
        Shape("aws-iso-e", Ipv4, "eu-isoe", @"cloud\.adc-e\.uk", false),
        Shape("aws-iso-f", Ipv4, "us-isof", @"csp\.hci\.ic\.gov", false),
        Shape("aws-eusc", Ipv4, "eusc-de", @"amazonaws\.eu", false),
    ];

    private const string Ipv4 = @"dkr\.ecr";
    private const string Dual = "dkr-ecr";

    /// <summary>One line that says all of it: <c>empty</c>, <c>refused</c>, or the canonical address and what ECR's name says.</summary>
    public static string Describe(byte[] input)
    {
        string text = Edges().Replace(Encoding.Latin1.GetString(input), "");
        if (text.Length == 0)
        {
            return "empty";
        }

        Match address = Address().Match(text);
        Match path = Path().Match(address.Groups["path"].Value);
        string host = address.Groups["host"].Value;
        string port = address.Groups["port"].Value;
        string name = path.Groups["name"].Value;
        if (!address.Success || !path.Success || text.Length > 2048 || host.Length > 253 || name.Length > 512
            || (port.Length > 0 && int.Parse(port, CultureInfo.InvariantCulture) > 65535))
        {
            return "refused";
        }

        host = string.Concat(host.Select(c => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c));
        string key = port is "" or "443" ? host : $"{host}:{port}";
        string repository = ApiRoots().Replace(name, "");
        return key is "docker.io" or "index.docker.io" or "registry-1.docker.io"
            ? $"https://index.docker.io/v1/ | {repository} | not ECR"
            : $"{key} | {repository} | {DescribeEcr(key)}";
    }

    private static string DescribeEcr(string key)
    {
        if (key is "public.ecr.aws" or "ecr-public.aws.com")
        {
            return $"public aws us-east-1 dual={key[0] == 'e'}";
        }

        foreach ((string partition, Regex host, bool dualStack) in EcrHosts)
        {
            if (host.Match(key) is { Success: true } match)
            {
                return $"{match.Groups["account"]} {partition} {match.Groups["region"]} fips={match.Groups["fips"].Success} dual={dualStack}";
            }
        }

        return "not ECR";
    }

    private static (string Partition, Regex Host, bool DualStack) Shape(
        string partition, string service, string regionPrefix, string domain, bool dualStack) =>
        (partition,
            new Regex($@"\A(?<account>[0-9]{{12}})\.{service}(?<fips>-fips)?\.(?<region>{regionPrefix}-[a-z]+-[0-9]{{1,2}})\.{domain}\z"),
            dualStack);

    [GeneratedRegex(@"\A[ \t-\r]+|[ \t-\r]+\z")]
    private static partial Regex Edges();

    [GeneratedRegex(
        @"\A(?:[hH][tT][tT][pP][sS]://)?" +
        @"(?<host>[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*)" +
        @"(?::(?<port>[1-9][0-9]{0,4}))?(?<path>/[^\n]*)?\z")]
    private static partial Regex Address();

    [GeneratedRegex(
        @"\A(?:/|/(?<name>(?!\.{1,2}(?:[/:@]|\z))[A-Za-z0-9._-]+(?:/(?!\.{1,2}(?:[/:@]|\z))[A-Za-z0-9._-]+)*)" +
        @"(?::[A-Za-z0-9._-]{1,128})?(?:@[A-Za-z0-9+._-]{1,32}:[0-9a-fA-F]{32,128})?/?)?\z")]
    private static partial Regex Path();

    [GeneratedRegex(@"\A(?:v[12](?:/|\z))+")]
    private static partial Regex ApiRoots();
}
