using Ark.Aws;
using Ark.Core.Problems;
using Ark.Core.Repositories;
using Ark.Core.Sources;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>Repositories of one registry, against a stand-in that has ECR's rules.</summary>
public sealed class EcrRepositoriesTests : IAsyncLifetime
{
    private const string Role = "arn:aws:iam::123456789012:role/keeper";
    private const string Lifecycle =
        """{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}""";

    private SomeCaller _caller = null!;
    private EcrRepositories _repositories = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EcrSource Source => SomeCaller.Source(endpoint: _caller.Endpoint, profile: "tbd");

    public async ValueTask InitializeAsync()
    {
        _caller = await SomeCaller.StartAsync();
        _caller.Home.WriteAwsConfig(
            $"[profile tbd]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\nendpoint_url = {_caller.Endpoint}\n");
        _repositories = new EcrRepositories(_caller.Access);
    }

    public ValueTask DisposeAsync() => _caller.DisposeAsync();

    [Fact]
    public async Task Only_what_is_below_the_prefix_is_listed()
    {
        foreach (string name in (string[])["prod/a", "prod/b/c", "prod", "production/x", "other"])
        {
            _caller.Aws.AddRepository(name);
        }

        Assert.Equal(["prod/a", "prod/b/c"], (await List("prod")).Names);
        Assert.Equal(5, (await List("")).Names.Count);
    }

    [Fact]
    public async Task Pages_follow_each_other_until_the_last()
    {
        for (int i = 0; i < 1_200; i++)
        {
            _caller.Aws.AddRepository($"prod/r{i}");
        }

        List<string> names = [];
        string? token = null;
        do
        {
            RepositoryPage page = await List("prod", token);
            names.AddRange(page.Names);
            token = page.NextToken;
        }
        while (token is not null);

        Assert.Equal(1_200, names.Distinct().Count());
        Assert.Equal(3, _caller.Aws.Calls("DescribeRepositories"));
    }

    [Fact]
    public async Task One_failure_of_the_service_is_repeated_since_no_cache_does_so()
    {
        _caller.Aws.AddRepository("prod/web");
        _caller.Aws.Next("DescribeRepositories", Behavior.ServerError);

        Assert.Equal(["prod/web"], (await List("prod")).Names);
        Assert.Equal(2, _caller.Aws.Calls("DescribeRepositories"));
    }

    [Fact]
    public async Task A_page_may_be_empty_without_being_the_last()
    {
        for (int i = 0; i < 500; i++)
        {
            _caller.Aws.AddRepository($"other/r{i}");
        }

        _caller.Aws.AddRepository("prod/last");

        RepositoryPage first = await List("prod");
        Assert.Empty(first.Names);
        Assert.Equal(["prod/last"], (await List("prod", first.NextToken)).Names);
    }

    [Fact]
    public async Task The_registry_is_that_of_the_account_and_region_that_the_source_names()
    {
        _caller.Aws.AddRepository("mine");
        _caller.Aws.AddRepository("theirs", account: "210987654321");
        _caller.Aws.AddRepository("elsewhere", region: "us-east-1");

        Outcome<RepositoryPage> page = await _repositories.ListAsync(Source with { AccountId = "210987654321" }, _caller.Identity, "", null, Cancellation);

        Assert.True(page.Succeeded(out RepositoryPage? found, out _));
        Assert.Equal(["theirs"], found.Names);
    }

    [Fact]
    public async Task A_repository_is_made_with_everything_that_the_organization_wants()
    {
        CreatedRepository created = await Create("prod/web", new RepositoryDefaults
        {
            Tags = new TagMutability(Immutable: true, new ValueList<string>(["latest", "dev-*"])),
            Encryption = new RepositoryEncryption(EncryptionType.KmsDsse, "alias/images"),
            ScanOnPush = true,
            ResourceTags = new ValueList<ResourceTag>([new ResourceTag("org", "tbd")]),
            LifecyclePolicy = Lifecycle,
            RepositoryPolicy = """{"Version":"2012-10-17","Statement":[]}""",
        });

        Assert.False(created.Existed);
        StandInRepository repository = Assert.Single(_caller.Aws.Repositories);
        Assert.Equal(("123456789012", SomeCaller.Region, "prod/web"), (repository.Account, repository.Region, repository.Name));
        Assert.Equal(
            """{"registryId":"123456789012","repositoryName":"prod/web","imageTagMutability":"IMMUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"latest"},{"filterType":"WILDCARD","filter":"dev-*"}],"tags":[{"Key":"org","Value":"tbd"}],"imageScanningConfiguration":{"scanOnPush":true},"encryptionConfiguration":{"encryptionType":"KMS_DSSE","kmsKey":"alias/images"}}""",
            repository.RequestContext.ToJsonString());
        Assert.Equal((Lifecycle, """{"Version":"2012-10-17","Statement":[]}"""), (repository.LifecyclePolicy, repository.Policy));
    }

    [Theory]
    [InlineData(false, EncryptionType.Aes256, "MUTABLE", "AES256")]
    [InlineData(true, EncryptionType.Kms, "IMMUTABLE", "KMS")]
    public async Task Settings_have_AWSs_words(bool immutable, EncryptionType encryption, string mutability, string type)
    {
        await Create("web", new RepositoryDefaults
        {
            Tags = new TagMutability(immutable, new ValueList<string>([])),
            Encryption = new RepositoryEncryption(encryption, null),
            ScanOnPush = false,
        });

        Assert.Equal(
            $$$"""{"registryId":"123456789012","repositoryName":"web","imageTagMutability":"{{{mutability}}}","imageScanningConfiguration":{"scanOnPush":false},"encryptionConfiguration":{"encryptionType":"{{{type}}}"}}""",
            Assert.Single(_caller.Aws.Repositories).RequestContext.ToJsonString());
    }

    [Fact]
    public async Task Without_defaults_everything_is_left_to_AWS()
    {
        await Create("web", RepositoryDefaults.None);

        Assert.Equal("""{"registryId":"123456789012","repositoryName":"web"}""", Assert.Single(_caller.Aws.Repositories).RequestContext.ToJsonString());
        Assert.Single(_caller.Aws.Log);
    }

    [Fact]
    public async Task One_that_exists_is_a_problem_or_as_good_and_left_as_it_is()
    {
        await Create("web", RepositoryDefaults.None);

        Problem problem = await Fail(_repositories.CreateAsync(Source, _caller.Identity, Name("web"), RepositoryDefaults.None, ifNotExists: false, Cancellation));
        Assert.Equal((ProblemKind.RepositoryExists, "there is a repository web in registry 123456789012 (eu-west-1) already"), (problem.Kind, problem.Message));

        Assert.True((await Create("web", new RepositoryDefaults { LifecyclePolicy = Lifecycle }, ifNotExists: true)).Existed);
        Assert.Null(Assert.Single(_caller.Aws.Repositories).LifecyclePolicy);
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("gone", false)]
    public async Task Who_may_not_create_one_may_still_find_that_it_exists(string name, bool exists)
    {
        _caller.Aws.AddRepository("web");
        _caller.Aws.Always("CreateRepository", new Behavior.Fail(400, "AccessDeniedException", "User: x is not authorized"));

        Outcome<CreatedRepository> outcome =
            await _repositories.CreateAsync(Source, _caller.Identity, Name(name), RepositoryDefaults.None, ifNotExists: true, Cancellation);

        Assert.Equal(exists, outcome.Succeeded(out CreatedRepository? found, out Problem? problem));
        Assert.Equal(exists ? (true, null) : (null, ProblemKind.AccessDenied), ((bool?)found?.Existed, problem?.Kind));
        Assert.StartsWith(exists ? "" : "AWS denies ecr:CreateRepository of gone", problem?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_create_one_hears_so_where_it_was_to_be_new()
    {
        _caller.Aws.AddRepository("web");
        _caller.Aws.Always("CreateRepository", new Behavior.Fail(400, "AccessDeniedException", "User: x is not authorized"));

        Problem denied = await Fail(_repositories.CreateAsync(Source, _caller.Identity, Name("web"), RepositoryDefaults.None, ifNotExists: false, Cancellation));

        Assert.Equal(ProblemKind.AccessDenied, denied.Kind);
        Assert.Equal(0, _caller.Aws.Calls("DescribeRepositories"));
    }

    [Fact]
    public async Task A_policy_that_is_refused_leaves_word_that_the_repository_is_there()
    {
        Problem problem = await Fail(_repositories.CreateAsync(
            Source, _caller.Identity, Name("web"), new RepositoryDefaults { LifecyclePolicy = "{}" }, ifNotExists: false, Cancellation));

        Assert.Equal(ProblemKind.RepositoryRefused, problem.Kind);
        Assert.StartsWith("web was created, but without its lifecycle policy: AWS refused ecr:PutLifecyclePolicy of web in registry", problem.Message, StringComparison.Ordinal);
        Assert.Contains("configuration", problem.Hint, StringComparison.Ordinal);
        Assert.Single(_caller.Aws.Repositories);
    }

    [Fact]
    public async Task A_repository_with_images_goes_only_by_force()
    {
        _caller.Aws.AddRepository("full", hasImages: true);

        Problem problem = await Fail(_repositories.DeleteAsync(Source, _caller.Identity, Name("full"), force: false, Cancellation));
        Assert.Equal((ProblemKind.RepositoryRefused, "the repository full in registry 123456789012 (eu-west-1) holds images"), (problem.Kind, problem.Message));

        Assert.True((await _repositories.DeleteAsync(Source, _caller.Identity, Name("full"), force: true, Cancellation)).Succeeded(out RepositoryName? gone, out _));
        Assert.Equal("full", gone.Path);
        Assert.Empty(_caller.Aws.Repositories);
    }

    [Fact]
    public async Task Not_there_and_not_allowed_are_two_problems()
    {
        Problem missing = await Fail(_repositories.DeleteAsync(Source, _caller.Identity, Name("gone"), force: false, Cancellation));
        Assert.Equal((ProblemKind.RepositoryNotFound, "there is no repository gone in registry 123456789012 (eu-west-1)"), (missing.Kind, missing.Message));

        _caller.Aws.Always("DeleteRepository", new Behavior.Fail(400, "AccessDeniedException", "User: x is not authorized"));
        Problem denied = await Fail(_repositories.DeleteAsync(Source, _caller.Identity, Name("gone"), force: false, Cancellation));
        Assert.Equal(ProblemKind.AccessDenied, denied.Kind);
        Assert.StartsWith("AWS denies ecr:DeleteRepository of gone in registry 123456789012 (eu-west-1) to profile tbd", denied.Message, StringComparison.Ordinal);
        Assert.Equal("allow the action ecr:DeleteRepository for this principal", denied.Hint);
    }

    [Fact]
    public async Task Listing_that_is_denied_names_action_and_registry()
    {
        _caller.Aws.Always("DescribeRepositories", new Behavior.Fail(400, "AccessDeniedException", "no"));

        Problem denied = await Fail(_repositories.ListAsync(Source, _caller.Identity, "", null, Cancellation));

        Assert.StartsWith("AWS denies ecr:DescribeRepositories of registry 123456789012 (eu-west-1) to profile tbd", denied.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_registry_says_so()
    {
        _caller.Aws.RepositoryLimit = 0;

        Problem problem = await Fail(_repositories.CreateAsync(Source, _caller.Identity, Name("web"), RepositoryDefaults.None, ifNotExists: true, Cancellation));

        Assert.Equal(ProblemKind.RepositoryRefused, problem.Kind);
        Assert.Contains("quota", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_role_comes_without_its_scope_which_would_forbid_all_this()
    {
        _caller.Aws.AddRole(Role, externalId: "SENTINEL-external");
        var role = new AssumedRole(Role, "SENTINEL-external", "housekeeping", new RepositoryScope(ScopeRights.Push, "123456789012", "prod"));

        Outcome<RepositoryPage> page = await _repositories.ListAsync(Source with { Role = role }, _caller.Identity, "", null, Cancellation);

        Assert.True(page.Succeeded(out _, out Problem? problem), problem?.Message);
        AssumedSession session = Assert.Single(_caller.Aws.Assumed);
        Assert.Equal((Role, "SENTINEL-external", "housekeeping", null), (session.RoleArn, session.ExternalId, session.Name, session.Policy));
        Assert.Equal(session.Session, _caller.Aws.Log[^1].Principal);
    }

    [Fact]
    public async Task A_profile_that_is_not_there_is_the_problem_before_anybody_is_asked()
    {
        Problem problem = await Fail(_repositories.ListAsync(Source with { Profile = "tdb" }, _caller.Identity, "", null, Cancellation));

        Assert.Equal(ProblemKind.ProfileNotFound, problem.Kind);
        Assert.Empty(_caller.Aws.Log);
    }

    [Fact]
    public async Task Who_does_not_answer_is_named_when_the_time_is_over()
    {
        _caller.Aws.Always("DescribeRepositories", new Behavior.Hang());
        Task<Outcome<RepositoryPage>> listing = _repositories.ListAsync(Source, _caller.Identity, "", null, Cancellation);
        await _caller.Aws.CallsReached("DescribeRepositories", 1);

        _caller.Clock.Limits.Advance(TimeSpan.FromSeconds(20));

        Assert.False((await listing).Succeeded(out _, out Problem? problem));
        Assert.Equal((ProblemKind.Unreachable, $"{_caller.Aws.Endpoint.Authority} did not answer within 20 seconds"), (problem.Kind, problem.Message));
    }

    private static RepositoryName Name(string name)
    {
        Assert.True(RepositoryName.Parse("", name).Succeeded(out RepositoryName? sound, out _));
        return sound;
    }

    private static async Task<Problem> Fail<T>(Task<Outcome<T>> outcome)
        where T : class
    {
        Assert.False((await outcome).Succeeded(out _, out Problem? problem));
        return SomeCaller.WithoutSecrets(problem);
    }

    private async Task<RepositoryPage> List(string prefix, string? token = null)
    {
        Outcome<RepositoryPage> outcome = await _repositories.ListAsync(Source, _caller.Identity, prefix, token, Cancellation);
        Assert.True(outcome.Succeeded(out RepositoryPage? page, out Problem? problem), problem?.Message);
        return page;
    }

    private async Task<CreatedRepository> Create(string name, RepositoryDefaults defaults, bool ifNotExists = false)
    {
        Outcome<CreatedRepository> outcome = await _repositories.CreateAsync(Source, _caller.Identity, Name(name), defaults, ifNotExists, Cancellation);
        Assert.True(outcome.Succeeded(out CreatedRepository? created, out Problem? problem), problem?.Message);
        return created;
    }
}
