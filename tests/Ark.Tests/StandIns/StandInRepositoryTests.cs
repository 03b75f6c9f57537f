using System.Globalization;
using System.Text.Json.Nodes;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.StandIns;

/// <summary>The stand-in has ECR's rules for repositories, or tests against it say nothing.</summary>
public sealed class StandInRepositoryTests : IAsyncLifetime
{
    private const string Registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

    private readonly ManualClock _clock = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private StandInAws _aws = null!;
    private Principal _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _aws = await StandInAws.StartAsync(_clock);
        _caller = _aws.AddPrincipal("AKIDTEST", "SENTINEL-secret");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _aws.DisposeAsync();
    }

    [Fact]
    public async Task A_new_repository_has_ECRs_shape()
    {
        var repository = (await CallAsync("CreateRepository", """{"repositoryName":"prod/web","imageTagMutability":"IMMUTABLE"}"""))["repository"]!;

        Assert.Equal("arn:aws:ecr:us-east-1:123456789012:repository/prod/web", (string?)repository["repositoryArn"]);
        Assert.Equal("123456789012", (string?)repository["registryId"]);
        Assert.Equal("prod/web", (string?)repository["repositoryName"]);
        Assert.Equal($"{Registry}/prod/web", (string?)repository["repositoryUri"]);
        Assert.Equal(_clock.Now.ToUnixTimeSeconds(), (double)repository["createdAt"]!);
        Assert.Equal("IMMUTABLE", (string?)repository["imageTagMutability"]);
        Assert.False((bool)repository["imageScanningConfiguration"]!["scanOnPush"]!);
        Assert.Equal("AES256", (string?)repository["encryptionConfiguration"]!["encryptionType"]);
    }

    [Theory]
    [InlineData("""{"repositoryName":"a"}""", "InvalidParameterException")]
    [InlineData("""{"repositoryName":"Web"}""", "InvalidParameterException")]
    [InlineData("""{"repositoryName":"web/"}""", "InvalidParameterException")]
    [InlineData("""{"repositoryName":"web","imageTagMutability":"SOMETIMES"}""", "InvalidParameterException")]
    [InlineData("""{"repositoryName":"web","imageTagMutability":"IMMUTABLE_WITH_EXCLUSION"}""", "InvalidParameterException")]
    [InlineData("""{"repositoryName":"web","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"dev-*"}]}""", "InvalidParameterException")]
    [InlineData("""{"repositoryName":"taken"}""", "RepositoryAlreadyExistsException")]
    public async Task What_ECR_would_refuse_is_refused(string body, string code)
    {
        _aws.AddRepository("taken", region: "us-east-1");

        Assert.Equal(code, (string?)(await CallAsync("CreateRepository", body))["__type"]);
        Assert.Single(_aws.Repositories);
    }

    [Fact]
    public async Task A_registry_has_a_limit_when_a_test_sets_one()
    {
        _aws.RepositoryLimit = 1;
        await CallAsync("CreateRepository", """{"repositoryName":"one"}""");

        Assert.Equal("LimitExceededException", (string?)(await CallAsync("CreateRepository", """{"repositoryName":"two"}"""))["__type"]);
        Assert.Null((await CallAsync("CreateRepository", """{"repositoryName":"two","registryId":"210987654321"}"""))["__type"]);
    }

    [Fact]
    public async Task More_than_fifty_labels_are_too_many()
    {
        var tags = string.Join(',', Enumerable.Range(0, 51).Select(i => $$"""{"Key":"k{{i}}","Value":"v"}"""));

        Assert.Equal("TooManyTagsException", (string?)(await CallAsync("CreateRepository", $$"""{"repositoryName":"web","tags":[{{tags}}]}"""))["__type"]);
    }

    [Fact]
    public async Task A_listing_has_a_hundred_on_a_page_unless_the_caller_wants_another_number()
    {
        for (var i = 0; i < 150; i++)
        {
            _aws.AddRepository(string.Create(CultureInfo.InvariantCulture, $"r{i:000}"), region: "us-east-1");
        }

        var first = await CallAsync("DescribeRepositories", "{}");
        Assert.Equal(100, Names(first).Length);
        var second = await CallAsync("DescribeRepositories", $$"""{"nextToken":"{{first["nextToken"]}}"}""");
        Assert.Equal((50, "r149"), (Names(second).Length, Names(second)[^1]));
        Assert.Null(second["nextToken"]);

        Assert.Equal(["r000", "r001"], Names(await CallAsync("DescribeRepositories", """{"maxResults":2}""")));
        Assert.Null((await CallAsync("DescribeRepositories", """{"maxResults":150}"""))["nextToken"]);
    }

    [Theory]
    [InlineData("""{"maxResults":0}""")]
    [InlineData("""{"maxResults":1001}""")]
    [InlineData("""{"nextToken":"?"}""")]
    [InlineData("""{"nextToken":"bm9uZQ=="}""")]
    [InlineData("""{"repositoryNames":["web"],"maxResults":1}""")]
    public async Task A_listing_that_makes_no_sense_is_refused(string body) =>
        Assert.Equal("InvalidParameterException", (string?)(await CallAsync("DescribeRepositories", body))["__type"]);

    [Fact]
    public async Task By_name_one_unknown_fails_them_all()
    {
        _aws.AddRepository("web", region: "us-east-1");
        _aws.AddRepository("api", region: "us-east-1");

        Assert.Equal(["web"], Names(await CallAsync("DescribeRepositories", """{"repositoryNames":["web"]}""")));
        var error = await CallAsync("DescribeRepositories", """{"repositoryNames":["web","gone"]}""");
        Assert.Equal("RepositoryNotFoundException", (string?)error["__type"]);
        Assert.Equal("The repository with name 'gone' does not exist in the registry with id '123456789012'", (string?)error["message"]);
    }

    [Fact]
    public async Task Accounts_and_regions_have_their_own_registries()
    {
        _aws.AddRepository("mine", region: "us-east-1");
        _aws.AddRepository("theirs", account: "210987654321", region: "us-east-1");
        _aws.AddRepository("elsewhere", region: "eu-west-1");

        Assert.Equal(["mine"], Names(await CallAsync("DescribeRepositories", "{}")));
        Assert.Equal(["theirs"], Names(await CallAsync("DescribeRepositories", """{"registryId":"210987654321"}""")));
        Assert.Equal(["elsewhere"], Names(await CallAsync("DescribeRepositories", "{}", region: "eu-west-1")));
    }

    [Fact]
    public async Task Images_keep_a_repository_from_being_deleted_without_force()
    {
        _aws.AddRepository("full", region: "us-east-1", hasImages: true);

        Assert.Equal("RepositoryNotEmptyException", (string?)(await CallAsync("DeleteRepository", """{"repositoryName":"full"}"""))["__type"]);
        Assert.Equal("full", (string?)(await CallAsync("DeleteRepository", """{"repositoryName":"full","force":true}"""))["repository"]!["repositoryName"]);
        Assert.Equal("RepositoryNotFoundException", (string?)(await CallAsync("DeleteRepository", """{"repositoryName":"full","force":true}"""))["__type"]);
    }

    [Fact]
    public async Task Policies_are_kept_and_shown()
    {
        _aws.AddRepository("web", region: "us-east-1");
        var lifecycle = new string('x', 100);

        await CallAsync("PutLifecyclePolicy", $$"""{"repositoryName":"web","lifecyclePolicyText":"{{lifecycle}}"}""");
        await CallAsync("SetRepositoryPolicy", """{"repositoryName":"web","policyText":"{}"}""");

        var repository = Assert.Single(_aws.Repositories);
        Assert.Equal((lifecycle, "{}"), (repository.LifecyclePolicy, repository.Policy));
    }

    [Theory]
    [InlineData("PutLifecyclePolicy", """{"repositoryName":"web","lifecyclePolicyText":"{}"}""", "InvalidParameterException")]
    [InlineData("SetRepositoryPolicy", """{"repositoryName":"web","policyText":""}""", "InvalidParameterException")]
    [InlineData("PutLifecyclePolicy", """{"repositoryName":"gone","lifecyclePolicyText":"{}"}""", "RepositoryNotFoundException")]
    [InlineData("SetRepositoryPolicy", """{"repositoryName":"gone","policyText":"{}"}""", "RepositoryNotFoundException")]
    public async Task A_policy_that_is_too_short_or_for_nothing_is_refused(string operation, string body, string code)
    {
        _aws.AddRepository("web", region: "us-east-1");

        Assert.Equal(code, (string?)(await CallAsync(operation, body))["__type"]);
    }

    private static string[] Names(JsonObject answer) =>
        [.. answer["repositories"]!.AsArray().Select(repository => (string)repository!["repositoryName"]!)];

    private async Task<JsonObject> CallAsync(string operation, string body, string region = "us-east-1")
    {
        using var request = SignedCall.Ecr(_aws.Endpoint, _caller, _clock.Now, operation, body, region);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
        Assert.Equal(answer["__type"] is null ? 200 : 400, (int)response.StatusCode);
        return answer;
    }
}
