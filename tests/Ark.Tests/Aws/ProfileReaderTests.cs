using Ark.Core.Problems;
using Ark.Core.Sources;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class ProfileReaderTests
{
    [Theory]
    [InlineData("role_arn = r\nsource_profile = x", ProblemKind.BadSetting, "comes back to itself")]
    [InlineData("role_arn = r\nsource_profile = gone", ProblemKind.ProfileNotFound, "refers to 'gone'")]
    [InlineData("role_arn = r\nsource_profile = keys\ncredential_source = Environment", ProblemKind.BadSetting, "both")]
    [InlineData("role_arn = r\ncredential_source = ec2InstanceMetadata", ProblemKind.BadSetting, "credential_source is ec2InstanceMetadata")]
    [InlineData("role_arn = r\nsource_profile = keys\nduration_seconds = 60", ProblemKind.BadSetting, "duration_seconds")]
    [InlineData("role_arn = r\nweb_identity_token_file = token", ProblemKind.BadSetting, "absolute")]
    [InlineData("role_arn = r\nsource_profile = keys\nduration_seconds = 43201", ProblemKind.BadSetting, "duration_seconds")]
    [InlineData("sso_session = whole\nsso_account_id = 1", ProblemKind.BadSetting, "no sso_role_name")]
    [InlineData("sso_session = whole\nsso_role_name = r", ProblemKind.BadSetting, "no sso_account_id")]
    [InlineData("sso_session = whole\nsso_account_id = 1\nsso_role_name = r\nsso_region = us-east-1", ProblemKind.BadSetting, "its sso_region is not that of")]
    [InlineData("sso_session = whole\nsso_account_id = 1\nsso_role_name = r\nsso_start_url = https://b", ProblemKind.BadSetting, "its sso_start_url is not that of")]
    [InlineData("sso_session = no-url\nsso_account_id = 1\nsso_role_name = r\nsso_start_url = https://a", ProblemKind.BadSetting, "[sso-session no-url] has no sso_start_url")]
    [InlineData("sso_session = no-region\nsso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1", ProblemKind.BadSetting, "[sso-session no-region] has no sso_region")]
    [InlineData("sso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1", ProblemKind.BadSetting, "sso_account_id without sso_session or sso_start_url")]
    [InlineData("web_identity_token_file = /token", ProblemKind.BadSetting, "web_identity_token_file without role_arn")]
    [InlineData("source_profile = keys", ProblemKind.BadSetting, "source_profile without role_arn")]
    [InlineData("aws_secret_access_key = SENTINEL", ProblemKind.BadSetting, "aws_secret_access_key without aws_access_key_id")]
    [InlineData("sso_region = eu-west-1", ProblemKind.NoCredentials, "no credentials")]
    [InlineData("sso_session = gone\nsso_account_id = 1\nsso_role_name = r", ProblemKind.BadSetting, "[sso-session gone]")]
    [InlineData("sso_start_url = https://example.com\nsso_account_id = 1\nsso_role_name = r", ProblemKind.BadSetting, "sso_region")]
    [InlineData("sso_start_url = https://example.com\nsso_region = evil.com/x\nsso_account_id = 1\nsso_role_name = r", ProblemKind.BadSetting, "sso_region")]
    [InlineData("aws_access_key_id = AKIA", ProblemKind.BadSetting, "aws_secret_access_key")]
    [InlineData("region = eu-west-1", ProblemKind.NoCredentials, "no credentials")]
    [InlineData("ca_bundle = some.pem\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL", ProblemKind.BadSetting, "ca_bundle")]
    public async Task A_profile_that_cannot_be_used_says_why(string content, ProblemKind kind, string why)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig($"[profile x]\n{content}\n[profile keys]\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\n" +
            "[sso-session whole]\nsso_start_url = https://a\nsso_region = eu-west-1\n[sso-session no-url]\nsso_region = eu-west-1\n[sso-session no-region]\nsso_start_url = https://a\n");

        Problem problem = caller.Refused(SomeCaller.Source(profile: "x"));

        Assert.Equal(kind, problem.Kind);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "AKIALOOPLOOPLOOPLOOP", "b", "a")]
    [InlineData("b", "AKIALOOPLOOPLOOPLOOP", "b")]
    [InlineData("self", "AKIASELFSELFSELFSELF", "self")]
    public async Task A_loop_ends_where_it_meets_a_profile_with_keys(string profile, string id, params string[] roles)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        foreach (string role in (string[])["a", "b", "self"])
        {
            caller.Aws.AddRole($"arn:aws:iam::123456789012:role/{role}");
        }

        caller.Aws.AddPrincipal(id, "SENTINEL-loop");
        caller.Home.WriteAwsConfig(string.Concat(
            from link in (string[])["ab", "ba"]
            select $"[profile {link[0]}]\nrole_arn = arn:aws:iam::123456789012:role/{link[0]}\nsource_profile = {link[1]}\n") +
            "[profile self]\nrole_arn = arn:aws:iam::123456789012:role/self\nsource_profile = self\n");
        caller.Home.WriteAwsCredentials(
            $"[{(profile == "self" ? "self" : "a")}]\naws_access_key_id = {id}\naws_secret_access_key = SENTINEL-loop\n");
        caller.Variables["AWS_PROFILE"] = profile;

        await caller.FetchAsync();

        Assert.Equal(roles, caller.Aws.Assumed.Select(session => session.Session.Arn.Split('/')[1]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1h")]
    public async Task A_duration_that_is_no_number_is_AWSs_own(string duration)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig(
            $"[profile x]\nrole_arn = r\nsource_profile = x\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\nduration_seconds = {duration}\n");

        Assert.NotNull(caller.Found(SomeCaller.Source(profile: "x")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[profile x]\nregion = eu-west-1\n")]
    public async Task A_section_of_the_credentials_file_with_the_word_profile_is_pointed_out(string config)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig(config);
        string file = caller.Home.WriteAwsCredentials("[profile x]\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\n");

        Assert.Equal($"in {file} the section must read [x], not [profile x]", caller.Refused(SomeCaller.Source(profile: "x")).Hint);
    }

    [Fact]
    public async Task A_longer_loop_of_profiles_is_told_as_it_goes()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig("[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=c\n[profile c]\nrole_arn=r\nsource_profile=a\n");

        Assert.Contains("a → b → c → a", caller.Refused(SomeCaller.Source(profile: "a")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[default]", "  role_arn = ROLE", "  source_profile = base")]
    [InlineData("[default]", "\trole_arn = ROLE", "\tsource_profile = base")]
    [InlineData("[default]", "region = eu-west-1", "  role_arn = ROLE", "  source_profile = base")]
    [InlineData("[default]", "  region = eu-west-1", "", "    role_arn = ROLE", "    source_profile = base")]
    [InlineData("[default]", "  output =", "  role_arn = ROLE", "  source_profile = base")]
    [InlineData("[default]", "  s3 =", "    max_concurrent_requests = 5", "  role_arn = ROLE", "  source_profile = base")]
    [InlineData("[profile other]", "region = eu-west-1", "  [default]", "    role_arn = ROLE", "    source_profile = base")]
    [InlineData("[profile other]", "region = eu-west-1", "[default] words", "role_arn = ROLE", "source_profile = base")]
    public async Task A_role_is_never_passed_over_for_static_keys_however_it_is_indented(params string[] lines)
    {
        const string Role = "arn:aws:iam::123456789012:role/registry";
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Aws.AddRole(Role);
        caller.Home.WriteAwsConfig(string.Join('\n', lines).Replace("ROLE", Role, StringComparison.Ordinal));
        caller.Home.WriteAwsCredentials(
            $"[base]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n" +
            "[default]\naws_access_key_id = AKIAWRONGIDENTITY000\naws_secret_access_key = SENTINEL-wrong\n");
        caller.Aws.AddPrincipal("AKIAWRONGIDENTITY000", "SENTINEL-wrong");

        Assert.Equal("arn:aws:sts::123456789012:assumed-role/registry/ark", (await caller.FetchAsync()).Principal.Arn);
    }

    [Theory]
    [InlineData("nonsense\n[profile x]\n")]
    [InlineData("[profile x] words\n")]
    [InlineData("[profile y]\nSENTINEL-half-a-k\n[profile x]\n")]
    [InlineData("[profile y\nrole_arn = r\n[profile x]\n")]
    public async Task A_broken_line_elsewhere_stops_nobody_and_is_a_warning(string config)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        string file = caller.Home.WriteAwsConfig(config + "aws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\n");

        SourceWarning? warning = Assert.IsType<SourceOutcome.Found>(caller.For(SomeCaller.Source(profile: "x"))).Warning;

        Assert.StartsWith($"{file}, line ", warning?.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", warning?.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[profile x]\nSENTINEL-half-a-k\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\n", 2)]
    [InlineData("[profile x\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\n", 1)]
    [InlineData("[profile x]\nrole_arn = r\nsource_profile = y\n[profile y]\n= SENTINEL\n", 5)]
    [InlineData("[profile x]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nSENTINEL\n", 6)]
    [InlineData("[profile x]\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\nservices = s\n[services s]\nSENTINEL\n", 6)]
    public async Task A_broken_line_in_what_a_profile_uses_stops_it(string config, int line)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        string file = caller.Home.WriteAwsConfig(config);

        Problem problem = caller.Refused(SomeCaller.Source(profile: "x"));

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.StartsWith($"{file}, line {line}: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_half_written_file_is_named_with_its_line()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        string file = caller.Home.WriteAwsCredentials("[default]\naws_access_key_id = AKIA\nSENTINEL-half-a-k");

        Problem problem = caller.Refused();

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.StartsWith($"{file}, line 3", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        string directory = Path.Combine(caller.Home.Home, ".aws", "config");
        Directory.CreateDirectory(directory);

        Problem problem = caller.Refused();

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.StartsWith(directory, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_in_place_of_a_file_is_empty_and_never_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix only");
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_CONFIG_FILE"] = "/dev/zero";

        Assert.NotNull(caller.Found());
    }

    [Fact]
    public async Task The_prefixed_default_wins_and_the_credentials_file_has_the_last_word()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Aws.AddPrincipal("AKIACREDENTIALSFILE0", "SENTINEL-credentials");
        caller.Home.WriteAwsConfig(
            "[default]\nregion = evil.com/\n[profile default]\nregion = eu-west-1\naws_access_key_id = AKIACONFIGFILE000000\naws_secret_access_key = SENTINEL-config\n");
        caller.Home.WriteAwsCredentials("[default]\naws_access_key_id = AKIACREDENTIALSFILE0\naws_secret_access_key = SENTINEL-credentials\n");

        Assert.Equal("AKIACREDENTIALSFILE0", (await caller.FetchAsync()).Principal.AccessKeyId);
    }
}
