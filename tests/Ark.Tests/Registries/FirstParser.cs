using Ark.Wire.Registries;

namespace Ark.Tests.Registries;

/// <summary>What the product's parser says, in the words of <see cref="SecondParser"/>.</summary>
internal static class FirstParser
{
    public static string Describe(byte[] input) => RegistryReference.Parse(input) switch
    {
        RegistryParse.Empty => "empty",
        RegistryParse.NotARegistry => "refused",
        RegistryParse.Parsed(RegistryReference reference) => $"{reference.Host} | {reference.Path} | {Describe(reference.Ecr)}",
        _ => throw new InvalidOperationException("a fourth outcome"),
    };

    private static string Describe(EcrHost? host) => host switch
    {
        null => "not ECR",
        { IsPublic: true } => $"public {host.Partition.Name} {host.Region} dual={host.DualStack}",
        _ => $"{host.AccountId} {host.Partition.Name} {host.Region} fips={host.Fips} dual={host.DualStack}",
    };
}
