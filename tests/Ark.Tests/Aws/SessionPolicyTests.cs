using System.Text.Json;
using Ark.Aws.Identity;
using Ark.Core.Sources;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class SessionPolicyTests
{
    private const string Pull = "\"ecr:BatchCheckLayerAvailability\",\"ecr:BatchGetImage\",\"ecr:GetDownloadUrlForLayer\",\"ecr:BatchImportUpstreamImage\"";
    private const string Push = $"{Pull},\"ecr:InitiateLayerUpload\",\"ecr:UploadLayerPart\",\"ecr:CompleteLayerUpload\",\"ecr:PutImage\"";

    [Theory]
    [InlineData(ScopeRights.Pull, "prod/team", "aws", "eu-west-1", Pull, "arn:aws:ecr:eu-west-1:123456789012:repository/prod/team/*")]
    [InlineData(ScopeRights.Push, "prod/team", "aws", "eu-west-1", Push, "arn:aws:ecr:eu-west-1:123456789012:repository/prod/team/*")]
    [InlineData(ScopeRights.Pull, "", "aws", "eu-west-1", Pull, "arn:aws:ecr:eu-west-1:123456789012:repository/*")]
    [InlineData(ScopeRights.Push, "", "aws-cn", "cn-north-1", Push, "arn:aws-cn:ecr:cn-north-1:123456789012:repository/*")]
    [InlineData(ScopeRights.Pull, "a", "aws-us-gov", "us-gov-west-1", Pull, "arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/a/*")]
    public void A_session_may_get_a_token_and_use_the_organizations_repositories(
        ScopeRights rights, string prefix, string partition, string region, string actions, string resource) => Assert.Equal(
            $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecr:GetAuthorizationToken"],"Resource":"*"},{"Effect":"Allow","Action":[{{actions}}],"Resource":"{{resource}}"}]}""",
            SessionPolicy.For(new RepositoryScope(rights, "123456789012", prefix), partition, region));

    [Fact]
    public void The_longest_prefix_that_a_configuration_may_have_fits_with_room_to_spare()
    {
        string policy = SessionPolicy.For(new RepositoryScope(ScopeRights.Push, "123456789012", new string('a', 254)), "aws-us-gov", "us-gov-northeast-99");

        Assert.InRange(policy.Length, 1, SessionPolicy.MaxLength / 2);
        using var read = JsonDocument.Parse(policy);
        Assert.Equal(2, read.RootElement.GetProperty("Statement").GetArrayLength());
    }
}
