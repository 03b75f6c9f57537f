using Ark.Wire.Registries;
using Xunit;

namespace Ark.Tests.Registries;

/// <summary>The addresses of AWS's services are those of AWS's own rules, which <c>tests/corpus/endpoints.tsv</c> lists.</summary>
public sealed class EndpointTableTests
{
    private static readonly string[][] Rows =
    [
        .. File.ReadLines(HostCorpus.FindFile("endpoints.tsv"))
            .Where(static line => line.StartsWith("aws", StringComparison.Ordinal))
            .Select(static line => line.Split('\t')),
    ];

    [Fact]
    public void Every_service_is_asked_where_AWS_has_it_in_every_partition_and_variant()
    {
        var wrong = new List<string>();
        foreach (string[] row in Rows)
        {
            (string name, string region, string variant, string service, string address) = (row[0], row[1], row[2], row[3], row[4]);
            Partition? partition = Partition.OfRegion(region);
            bool fips = variant.Contains("fips", StringComparison.Ordinal);
            string? ours = partition?.Api(service, region, fips, variant.Contains("dualstack", StringComparison.Ordinal));
            if (partition?.Name != name || ours != address)
            {
                wrong.Add($"{region} {variant} {service}: {ours} instead of {address}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_table_has_every_partition_with_every_variant_of_every_service()
    {
        Assert.Equal(Partition.All.Select(static partition => partition.Name).Order(), Rows.Select(static row => row[0]).Distinct().Order());
        foreach (IGrouping<string, string[]> region in Rows.GroupBy(static row => row[1]))
        {
            string[] services = ["ecr", "sts", "portal.sso", "oidc", "signin"];
            Assert.Equal(
                services.SelectMany(static service => new[] { "plain", "fips", "dualstack", "fips+dualstack" }, static (s, v) => $"{v} {s}").Order(),
                region.Where(static row => row[3] != "ecr-public").Select(static row => $"{row[2]} {row[3]}").Order());
        }
    }
}
