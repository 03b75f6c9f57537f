using Ark.Wire.Registries;
using Xunit;

namespace Ark.Tests.Registries;

public sealed class EcrHostTests
{
    [Theory]
    [InlineData("dkr.ecr.us-east-1.amazonaws.com", "aws", "us-east-1", "https://api.ecr.us-east-1.amazonaws.com")]
    [InlineData("dkr.ecr.ap-southeast-6.amazonaws.com", "aws", "ap-southeast-6", "https://api.ecr.ap-southeast-6.amazonaws.com")]
    [InlineData("dkr.ecr.mx-central-1.amazonaws.com", "aws", "mx-central-1", "https://api.ecr.mx-central-1.amazonaws.com")]
    [InlineData("dkr-ecr.eu-west-1.on.aws", "aws", "eu-west-1", "https://ecr.eu-west-1.api.aws")]
    [InlineData("dkr.ecr-fips.us-east-2.amazonaws.com", "aws", "us-east-2", "https://api.ecr-fips.us-east-2.amazonaws.com")]
    [InlineData("dkr-ecr-fips.us-west-1.on.aws", "aws", "us-west-1", "https://ecr-fips.us-west-1.api.aws")]
    [InlineData("dkr.ecr.cn-north-1.amazonaws.com.cn", "aws-cn", "cn-north-1", "https://api.ecr.cn-north-1.amazonaws.com.cn")]
    [InlineData("dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "aws-cn", "cn-north-1", "https://ecr.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("dkr.ecr.cn-north-1.on.amazonwebservices.com.cn", "aws-cn", "cn-north-1", "https://ecr.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("dkr.ecr.us-gov-west-1.amazonaws.com", "aws-us-gov", "us-gov-west-1", "https://api.ecr.us-gov-west-1.amazonaws.com")]
    [InlineData("dkr.ecr-fips.us-gov-west-1.amazonaws.com", "aws-us-gov", "us-gov-west-1", "https://api.ecr-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("dkr-ecr-fips.us-gov-east-1.on.aws", "aws-us-gov", "us-gov-east-1", "https://ecr-fips.us-gov-east-1.api.aws")]
    [InlineData("dkr.ecr.us-iso-east-1.c2s.ic.gov", "aws-iso", "us-iso-east-1", "https://api.ecr.us-iso-east-1.c2s.ic.gov")]
    [InlineData("dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "aws-iso-b", "us-isob-east-1", "https://api.ecr.us-isob-east-1.sc2s.sgov.gov")]
    [InlineData("dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "aws-iso-e", "eu-isoe-west-1", "https://api.ecr.eu-isoe-west-1.cloud.adc-e.uk")]
    [InlineData("dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "aws-iso-f", "us-isof-south-1", "https://api.ecr.us-isof-south-1.csp.hci.ic.gov")]
    [InlineData("dkr.ecr.eusc-de-east-1.amazonaws.eu", "aws-eusc", "eusc-de-east-1", "https://api.ecr.eusc-de-east-1.amazonaws.eu")]
    public void A_private_registry_says_whose_it_is_and_who_issues_its_tokens(string rest, string partition, string region, string endpoint)
    {
        EcrHost? host = EcrHost.Match($"123456789012.{rest}");

        Assert.NotNull(host);
        Assert.Equal("123456789012", host.AccountId);
        Assert.Equal(partition, host.Partition.Name);
        Assert.Equal(region, host.Region);
        Assert.Equal(endpoint, host.ApiEndpoint);
        Assert.Equal(rest.Contains("fips", StringComparison.Ordinal), host.Fips);
        Assert.Equal(rest.Contains(".on.", StringComparison.Ordinal), host.DualStack);
        Assert.False(host.IsPublic);
    }

    [Theory]
    [InlineData("public.ecr.aws", "https://api.ecr-public.us-east-1.amazonaws.com")]
    [InlineData("ecr-public.aws.com", "https://ecr-public.us-east-1.api.aws")]
    public void The_public_gallery_has_no_account_and_one_region(string name, string endpoint)
    {
        EcrHost? host = EcrHost.Match(name);

        Assert.True(host?.IsPublic);
        Assert.Equal("us-east-1", host?.Region);
        Assert.Equal(endpoint, host?.ApiEndpoint);
    }

    [Theory]
    [InlineData("123456789012.dkr-ecr.us-east-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-east-1.on.aws")]
    [InlineData("123456789012.dkr.ecr.cn-north-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-east-1.amazonaws.com.cn")]
    [InlineData("123456789012.dkr.ecr.us-east-1.amazonaws.eu")]
    [InlineData("123456789012.dkr.ecr.us-iso-east-1.amazonaws.com")]
    [InlineData("123456789012.dkr-ecr.us-iso-east-1.c2s.ic.gov")]
    [InlineData("123456789012.dkr.ecr.us-east.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-east-.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-east-100.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us--1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.u1-east-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-e4st-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.-east-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr..amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-east-1.x.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.x.us-east-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-east-1")]
    [InlineData("123456789012.dkr.ecr-gips.us-east-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-east-1.amazonaws.com:8443")]
    [InlineData("123456789012xdkr.ecr.us-east-1.amazonaws.com")]
    [InlineData("12345678901a.dkr.ecr.us-east-1.amazonaws.com")]
    [InlineData("123456789012")]
    [InlineData("public.ecr.aws.")]
    [InlineData("x.public.ecr.aws")]
    public void Nearly_an_ecr_host_is_none(string host) => Assert.Null(EcrHost.Match(host));

    [Theory]
    [InlineData("123456789012.dkr.ecr.us-east-1.amazonaws.co", "; did you mean 123456789012.dkr.ecr.us-east-1.amazonaws.com?")]
    [InlineData("123456789012.ecr.dkr.us-east-1.amazonaws.com", "; did you mean 123456789012.dkr.ecr.us-east-1.amazonaws.com?")]
    [InlineData("123456789012.ecr.us-east-1.amazonaws.com", "; did you mean 123456789012.dkr.ecr.us-east-1.amazonaws.com?")]
    [InlineData("123456789012.dkr.ecr.us-east1.amazonaws.com", "; did you mean 123456789012.dkr.ecr.us-east-1.amazonaws.com?")]
    [InlineData("123456789012.dkr.ecr.cn-north-1.amazonaws.com", "; did you mean 123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn?")]
    [InlineData("1234567890123.dkr.ecr.us-east-1.amazonaws.com", "; an account ID has 12 digits, and 1234567890123 has 13")]
    [InlineData("123456789012.dkr.ecr.nowhere.amazonaws.com", "")]
    [InlineData("dkr.ecr.us-east-1.amazonaws.com", "")]
    [InlineData("123456789012.dkr.ecr.us-east-1.amazonaws.com", "")]
    [InlineData("", "")]
    public void A_slip_in_an_ecr_host_is_corrected_where_that_can_be_told(string host, string correction) =>
        Assert.Equal(correction, EcrHost.Correction(host));

    [Theory]
    [InlineData("eu-central-2", "aws")]
    [InlineData("cn-northwest-1", "aws-cn")]
    [InlineData("us-gov-east-1", "aws-us-gov")]
    [InlineData("us-isof-east-1", "aws-iso-f")]
    [InlineData("eusc-de-east-1", "aws-eusc")]
    [InlineData("eu-west", null)]
    [InlineData("EU-west-1", null)]
    [InlineData("", null)]
    public void A_region_belongs_to_one_partition_by_its_name(string region, string? partition)
    {
        Assert.Equal(partition, Partition.OfRegion(region)?.Name);
        Assert.InRange(Partition.All.Count(p => p.Owns(region)), 0, 1);
    }
}
