using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class SourceOrderTests
{
    private const string DefaultProfile = "[default]\naws_access_key_id = AKIADEFAULTDEFAULTXX\naws_secret_access_key = SENTINEL-default\n";

    [Fact]
    public async Task Environment_keys_come_before_everything_and_do_not_outlive_the_request()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Home.WriteAwsCredentials(DefaultProfile);
        caller.Variables["AWS_PROFILE"] = "other";
        caller.Variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/web";
        caller.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";

        ITokenSource source = caller.Found();

        Assert.Equal("environment keys AKIA…MPLE", source.Identity);
        Assert.False(source.OutlivesRequest);
        Assert.StartsWith("keys ", source.Key.Principal, StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", source.Key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_identity_comes_before_a_profile()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsCredentials(DefaultProfile);
        caller.Variables["AWS_PROFILE"] = "default";
        caller.Variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/web";
        caller.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";

        ITokenSource source = caller.Found();

        Assert.Equal("web identity arn:aws:iam::123456789012:role/web", source.Identity);
        Assert.True(source.OutlivesRequest);
    }

    [Theory]
    [InlineData("one", "two", "profile one")]
    [InlineData(null, "two", "profile two")]
    [InlineData("", "", "profile default")]
    public async Task The_profile_is_the_named_one_or_the_default(string? profile, string? defaultProfile, string identity)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsCredentials(DefaultProfile + DefaultProfile.Replace("default", "one", StringComparison.Ordinal) + DefaultProfile.Replace("default", "two", StringComparison.Ordinal));
        caller.Variables["AWS_PROFILE"] = profile ?? "";
        caller.Variables["AWS_DEFAULT_PROFILE"] = defaultProfile ?? "";

        ITokenSource source = caller.Found();

        Assert.Equal(identity, source.Identity);
        Assert.True(source.OutlivesRequest);
    }

    [Fact]
    public async Task Nothing_at_all_is_a_problem_that_says_where_one_looked()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();

        Problem problem = caller.Refused();

        Assert.Equal(ProblemKind.NoCredentials, problem.Kind);
        Assert.Contains("AWS_PROFILE", problem.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(caller.Home.Home, ".aws", "config"), problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profiles_to_choose_from_are_listed_when_none_is_chosen()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig("[profile build]\nregion=eu-west-1\n[profile admin]\nregion=eu-west-1\n");

        Assert.Contains("admin, build", caller.Refused().Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[default]\nregion = eu-west-1\n")]
    public async Task Without_a_profile_that_has_credentials_the_container_endpoint_is_next(string config)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig(config);
        caller.Variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";

        ITokenSource source = caller.Found();

        Assert.Equal("container endpoint", source.Identity);
        Assert.StartsWith("container ", source.Key.Principal, StringComparison.Ordinal);
        Assert.True(source.OutlivesRequest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[profile build]\nregion = eu-west-1\n")]
    public async Task Without_a_container_endpoint_the_instance_is_last(string config)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig(config);
        caller.Variables["AWS_PROFILE"] = config.Length > 0 ? "build" : "";
        caller.Variables.Remove("AWS_EC2_METADATA_DISABLED");

        ITokenSource source = caller.Found();

        Assert.Equal("instance metadata", source.Identity);
        Assert.StartsWith("instance ", source.Key.Principal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other", "", ProblemKind.ProfileNotFound)]
    [InlineData("", "[default]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = empty\n[profile empty]\nregion = eu-west-1\n",
        ProblemKind.NoCredentials)]
    [InlineData("", "[default]\naws_access_key_id = AKIADEFAULTDEFAULTXX\n", ProblemKind.BadSetting)]
    public async Task A_profile_that_is_missing_or_broken_stops(string profile, string config, ProblemKind kind)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig(config);
        caller.Variables["AWS_PROFILE"] = profile;
        caller.Variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
        caller.Variables.Remove("AWS_EC2_METADATA_DISABLED");

        Assert.Equal(kind, caller.Refused().Kind);
    }

    [Fact]
    public async Task All_that_was_tried_is_listed_step_by_step()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();

        string message = caller.Refused().Message;

        Assert.Equal(
            "no AWS credentials: environment: AWS_ACCESS_KEY_ID is not set; web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; "
                + $"profile: AWS_PROFILE is not set, and {caller.Home.Home}/.aws/config has no default profile; "
                + "container: AWS_CONTAINER_CREDENTIALS_* is not set; instance metadata is switched off by AWS_EC2_METADATA_DISABLED",
            message);
    }

    [Theory]
    [InlineData("AWS_CONFIG_FILE")]
    [InlineData("AWS_SHARED_CREDENTIALS_FILE")]
    [InlineData("AWS_CA_BUNDLE")]
    [InlineData("HOME")]
    public async Task A_relative_path_is_refused_by_the_name_of_its_variable(string variable)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsCredentials(DefaultProfile);
        caller.Variables[variable] = "eyJ.SENTINEL-of-a-token";

        Problem problem = caller.Refused();

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.StartsWith($"{variable} is not an absolute path", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relative_token_file_is_refused_too()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/web";
        caller.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "eyJ.SENTINEL-of-a-token";

        Assert.StartsWith("AWS_WEB_IDENTITY_TOKEN_FILE", caller.Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_the_callers_choice_are_read_and_the_tilde_is_the_callers_home()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.Write("elsewhere/credentials", DefaultProfile.Replace("default", "moved", StringComparison.Ordinal));
        caller.Variables["AWS_SHARED_CREDENTIALS_FILE"] = "~/elsewhere/credentials";
        caller.Variables["AWS_PROFILE"] = "moved";

        Assert.Equal("profile moved", caller.Found().Identity);
    }

    [Fact]
    public async Task A_profile_that_is_not_there_is_named_with_its_neighbours()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig("[profile production]\nregion=eu-west-1\n[profile test]\nregion=eu-west-1\n");
        caller.Variables["AWS_PROFILE"] = "prodution";

        Problem problem = caller.Refused();

        Assert.Equal(ProblemKind.ProfileNotFound, problem.Kind);
        Assert.Contains("'prodution'", problem.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean production?", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_section_without_the_word_profile_is_pointed_out()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig("[tbd]\nregion=eu-west-1\n");
        caller.Variables["AWS_PROFILE"] = "tbd";

        Assert.Contains("[profile tbd]", caller.Refused().Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web_identity_token_file = eyJ.SENTINEL\nrole_arn = arn:aws:iam::123456789012:role/web")]
    [InlineData("ca_bundle = SENTINEL\naws_access_key_id = AKIADEFAULTDEFAULTXX\naws_secret_access_key = SENTINEL")]
    public async Task A_relative_path_in_a_profile_is_not_repeated_either(string settings)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig($"[default]\n{settings}\n");

        Assert.Contains("not an absolute path", caller.Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_in_the_place_of_the_id_is_not_shown_in_parts()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys(id: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

        Assert.Equal("environment keys …", caller.Found().Identity);
    }

    [Fact]
    public async Task Half_a_key_pair_is_a_mistake()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables["AWS_ACCESS_KEY_ID"] = SomeCaller.KeyId;

        Assert.Equal(ProblemKind.BadSetting, caller.Refused().Kind);
    }

    [Fact]
    public async Task A_configured_profile_is_never_influenced_by_the_caller()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Home.WriteAwsCredentials(DefaultProfile.Replace("default", "configured", StringComparison.Ordinal));
        EcrSource configured = SomeCaller.Source(profile: "configured");
        TokenKey plain = Assert.IsType<SourceOutcome.Found>(caller.Sources.For(configured, CallerIdentity.Empty)).Source.Key;

        foreach (string name in (string[])["HOME", "AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION", "AWS_ROLE_ARN", "AWS_CA_BUNDLE",
            "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_ECR", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT"])
        {
            caller.Variables[name] = "evil";
        }

        ITokenSource source = caller.Found(configured);
        Assert.Equal("profile configured", source.Identity);
        Assert.Equal(plain, source.Key);
        Assert.Empty(source.Key.Endpoint);
    }
}
