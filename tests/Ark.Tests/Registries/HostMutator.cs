using System.Text;

namespace Ark.Tests.Registries;

/// <summary>Breeds inputs that are nearly right from the corpus and from further good ones: the same seed gives the same inputs.</summary>
internal sealed class HostMutator(int seed)
{
    private static readonly byte[][] Parents =
    [
        .. HostCorpus.Rows.Where(row => row.Input.Length < 400).Select(row => row.Input),
        .. new[]
        {
            "210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn",
            "210987654321.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn",
            "210987654321.dkr-ecr-fips.us-gov-east-1.on.aws",
            "210987654321.dkr.ecr.us-iso-east-1.c2s.ic.gov",
            "210987654321.dkr.ecr.us-isob-east-1.sc2s.sgov.gov",
            "210987654321.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk",
            "210987654321.dkr.ecr.us-isof-south-1.csp.hci.ic.gov",
            "ecr-public.aws.com/x/y",
            "docker.io/library/ubuntu:24.04",
            "https://registry-1.docker.io/v2/",
            "ghcr.io/team/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "host.example:5000/v2/v1/team/app:1.0@sha512:0123456789abcdef0123456789abcdef",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    private static readonly byte[] Spice = [.. "./:@-_vV12 \r\n\t\v\f%?#\\[]=0aAzZkK"u8, 0, 0x1b, 0x7f, 0x80, 0xc2, 0xe2, 0xff];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var bytes = Parents[_random.Next(Parents.Length)].ToList();
        for (int mutations = _random.Next(4); mutations > 0; mutations--)
        {
            Mutate(bytes);
        }

        return [.. bytes];
    }

    private void Mutate(List<byte> bytes)
    {
        int at = _random.Next(bytes.Count + 1);
        switch (_random.Next(7))
        {
            case 0:
                bytes.Insert(at, Spice[_random.Next(Spice.Length)]);
                break;
            case 1 when at < bytes.Count:
                bytes.RemoveAt(at);
                break;
            case 2 when at < bytes.Count:
                bytes[at] = Spice[_random.Next(Spice.Length)];
                break;
            case 3 when at < bytes.Count && char.IsAsciiLetter((char)bytes[at]):
                bytes[at] ^= 0x20;
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(0, _random.Next(bytes.Count + 1)));
                break;
            case 5:
                bytes.AddRange(Parents[_random.Next(Parents.Length)]);
                break;
            default:
                bytes.RemoveRange(at, _random.Next(bytes.Count - at + 1) / 4);
                break;
        }
    }
}
