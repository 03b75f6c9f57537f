using System.Globalization;

namespace Ark.StandIn;

/// <summary>What the command line says.</summary>
/// <param name="Directory">Where ca.pem is written.</param>
/// <param name="TokenLife">How long tokens are good.</param>
/// <param name="Images">What the registry holds, as host/repository:tag.</param>
/// <param name="Principals">How many further users there are, by numbered key ids with one secret.</param>
/// <param name="IsMachine">Whether the metadata endpoints are at their real addresses, in a network namespace that has nothing else.</param>
internal sealed record Options(string Directory, TimeSpan TokenLife, IReadOnlyList<string> Images, int Principals, bool IsMachine = false)
{
    public const string Usage = """
        usage: Ark.StandIn [--token-life <seconds>] [--directory <where to write ca.pem>] [--seed <host/repository:tag>]...
                           [--principals <how many more users, AKIASTANDINNUMBER00001 and so on>]
                           [--machine yes, to answer at 169.254.169.254, fd00:ec2::254 and 169.254.170.2, in a network namespace only]

        Plays AWS and a registry on loopback, prints the environment to use them as KEY=value lines, then READY=1,
        and runs until its standard input ends or it is interrupted.
        """;

    /// <summary>Null when the command line makes no sense.</summary>
    public static Options? Parse(string[] args)
    {
        var options = new Options(Environment.CurrentDirectory, TimeSpan.FromHours(12), [], 0);
        for (var at = 0; at < args.Length; at += 2)
        {
            if (at + 1 == args.Length)
            {
                return null;
            }

            var value = args[at + 1];
            switch (args[at])
            {
                case "--directory":
                    options = options with { Directory = Path.GetFullPath(value) };
                    break;
                case "--token-life" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds):
                    options = options with { TokenLife = TimeSpan.FromSeconds(seconds) };
                    break;
                case "--principals" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count):
                    options = options with { Principals = count };
                    break;
                case "--machine" when value == "yes":
                    options = options with { IsMachine = true };
                    break;
                case "--seed":
                    options = options with { Images = [.. options.Images, value] };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
