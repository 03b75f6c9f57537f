using System.Security.Cryptography;
using System.Text;
using Ark.Core.Problems;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws.Suites;

/// <summary>
/// Whole homes of smithy-rs, from its default chain (d) and its profile provider (p), in words of our own and through the stand-in for AWS.
/// A letter stands for one case; <see cref="MachineSuiteTests"/> has the rest; tests/RESULTS.md has the sums.
/// </summary>
public sealed class DefaultChainSuiteTests
{
    private const string Role = "arn:aws:iam::123456789012:role/registry";
    private const string Right = $"aws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n";
    private const string Wrong = "aws_access_key_id = AKIAWRONGWRONGWRONG0\naws_secret_access_key = SENTINEL-wrong\n";
    private const string Sso = "sso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = registry\nsso_start_url = https://start\n";
    private const string SsoRole = "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = registry\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://start\n";

    [Theory]
    [InlineData("d", "", "", "keys", "somebody")]
    [InlineData("d", $"[default]\nrole_arn = {Role}\nsource_profile = b\n", $"[b]\n{Wrong}", "keys", "somebody")]
    [InlineData("d", $"[default]\n{Wrong}[profile a-b:c/d_e%f.g@h+]\n{Right}", "", "AWS_PROFILE=a-b:c/d_e%f.g@h+", "somebody")]
    [InlineData("d", $"[default]\n{Wrong}[profile second]\n{Wrong}", $"[default]\n{Right}", "", "somebody")]
    [InlineData("d", "[default]\nregion = eu-west-1\n", $"[default]\nAWS_ACCESS_KEY_ID = {SomeCaller.KeyId}\nAWS_SECRET_ACCESS_KEY = {SomeCaller.Secret}\n", "", "somebody")]
    [InlineData("d", $"[profile a]\n{Sso}", "", "AWS_PROFILE=a login=https://start", "registry/person")]
    [InlineData("d", "", "", $"AWS_ROLE_ARN={Role} AWS_ROLE_SESSION_NAME=me AWS_WEB_IDENTITY_TOKEN_FILE=~/token", "registry/me")]
    [InlineData("d", $"[profile a]\nrole_arn = {Role}\nweb_identity_token_file = ~/token\n", "", "AWS_PROFILE=a", "registry/ark")]
    [InlineData("d", $"[profile a]\nrole_arn = {Role}2\nsource_profile = b\n[profile b]\nrole_arn = {Role}\nweb_identity_token_file = ~/token\n", "", "AWS_PROFILE=a", "registry2/ark")]
    [InlineData("p", $"[default]\nrole_arn = {Role}\nsource_profile = b\n", $"[b]\n{Right}", "", "registry/ark")]
    [InlineData("p", $"[default]\nregion = us-east-1\nrole_arn = {Role}\nsource_profile = b\n", $"[b]\n{Right}", "AWS_REGION=us-east-2", "registry/ark")]
    [InlineData("p", $"[default]\n{SsoRole}", "", "login=s", "registry/person")]
    public async Task A_home_has_the_identity_that_it_has_in_the_suite(
        string suite, string config, string credentials, string variables, string identity)
    {
        Assert.NotEmpty(suite);
        await using SomeCaller caller = await StartAsync(config, credentials, variables);

        Principal principal = (await caller.FetchAsync()).Principal;

        Assert.EndsWith(identity == "somebody" ? caller.Somebody.Arn : $":assumed-role/{identity}", principal.Arn, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("d", $"[profile a]\n{Sso}", "AWS_PROFILE=a", "", ProblemKind.LoginRequired, "has not been logged in")]
    [InlineData("d", $"[profile a]\n{Sso}", "AWS_PROFILE=a login=https://start", "GetRoleCredentials", ProblemKind.ServiceFailure, "status 500")]
    [InlineData("d", $"[profile a]\nrole_arn = {Role}2\nsource_profile = b\n[profile b]\nrole_arn = {Role}\nweb_identity_token_file = ~/token\n", "AWS_PROFILE=a", "AssumeRoleWithWebIdentity", ProblemKind.CredentialsRejected, "InvalidIdentityToken")]
    [InlineData("d", $"[profile a]\nrole_arn = {Role}2\nsource_profile = b\n[profile b]\nweb_identity_token_file = ~/token\n", $"AWS_PROFILE=a AWS_ROLE_ARN={Role}", "", ProblemKind.BadSetting, "without role_arn")]
    [InlineData("p", "", "", "", ProblemKind.NoCredentials, "no AWS credentials")]
    [InlineData("p", "[default]\n= us-east-1\n[profile b]\nregion = us-east-1\n", "", "", ProblemKind.BadSetting, "line 2")]
    [InlineData("p", "[default]\ncredential_process = exit 1\n", "", "", ProblemKind.BadSetting, "not on the daemon's PATH")]
    [InlineData("p", "[default]\ncredential_process = /bin/echo nothing\n", "", "", ProblemKind.BadAnswer, "not JSON")]
    public async Task A_home_that_has_no_identity_in_the_suite_says_why(
        string suite, string config, string variables, string failing, ProblemKind kind, string why)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the programs are those of Unix");
        Assert.NotEmpty(suite);
        await using SomeCaller caller = await StartAsync(config, "", variables);
        caller.Clock.IsPatient = true;
        if (failing.Length > 0)
        {
            caller.Aws.Always(failing, failing == "GetRoleCredentials"
                ? new Behavior.Fail(500, "InternalError", "not today")
                : new Behavior.Fail(400, "InvalidIdentityToken", "it has no signature"));
        }

        Problem problem = caller.For() is Core.Sources.SourceOutcome.Failed refused
            ? SomeCaller.WithoutSecrets(refused.Problem)
            : await caller.FailAsync();

        Assert.Equal(kind, problem.Kind);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_identity_of_the_environment_comes_before_a_chosen_profile_as_in_the_AWS_helper_and_not_as_in_the_suite()
    {
        await using SomeCaller caller = await StartAsync(
            $"[profile a]\n{Wrong}", "", $"AWS_PROFILE=a AWS_ROLE_ARN={Role} AWS_WEB_IDENTITY_TOKEN_FILE=~/token");

        Assert.EndsWith("registry/ark", (await caller.FetchAsync()).Principal.Arn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_spoil_only_the_value_that_they_are_in_where_botocore_refuses_the_file()
    {
        await using SomeCaller caller = await StartAsync("", $"[default]\n{Right}", "");
        await File.WriteAllBytesAsync(
            Path.Combine(caller.Home.Home, ".aws", "config"),
            [.. "[profile other]\noutput = "u8, 0xFF, 0xC0, .. "\n[default]\nregion = eu-west-1\n"u8],
            TestContext.Current.CancellationToken);

        Assert.Equal(caller.Somebody, (await caller.FetchAsync()).Principal);
    }

    [Theory]
    [InlineData("sk", "", ".aws/config", ".aws/credentials")]
    [InlineData("skc", "AWS_CONFIG_FILE=~/other", "other", ".aws/credentials")]
    [InlineData("skc", "AWS_SHARED_CREDENTIALS_FILE=~/other", ".aws/config", "other")]
    [InlineData("skc", "AWS_PROFILE=chosen", ".aws/config", ".aws/credentials")]
    public async Task The_files_are_where_the_suites_of_file_locations_have_them(
        string suites, string variables, string config, string credentials)
    {
        Assert.NotEmpty(suites);
        await using SomeCaller caller = await StartAsync("", "", variables);
        File.Delete(Path.Combine(caller.Home.Home, ".aws", "config"));
        File.Delete(Path.Combine(caller.Home.Home, ".aws", "credentials"));
        string profile = caller.Variables.GetValueOrDefault("AWS_PROFILE", "default");
        caller.Home.Write(config, $"[profile {profile}]\naws_access_key_id = {SomeCaller.KeyId}\n");
        caller.Home.Write(credentials, $"[{profile}]\naws_secret_access_key = {SomeCaller.Secret}\n");

        Assert.Equal($"profile {profile}", caller.Found().Identity);
        Assert.Equal(caller.Somebody, (await caller.FetchAsync()).Principal);
    }

    private static async Task<SomeCaller> StartAsync(string config, string credentials, string variables)
    {
        SomeCaller caller = await SomeCaller.StartAsync();
        caller.Aws.AddRole(Role, webIdentityToken: "SENTINEL-token");
        caller.Aws.AddRole(Role + "2");
        caller.Home.Write("token", "SENTINEL-token");
        caller.Home.WriteAwsConfig(config);
        caller.Home.WriteAwsCredentials(credentials);
        foreach (string variable in variables.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = variable.IndexOf('=');
            if (equals < 0)
            {
                caller.WithKeys();
            }
            else if (variable.StartsWith("login=", StringComparison.Ordinal))
            {
                caller.Aws.AddSsoSession("SENTINEL-access", null, caller.Clock.GetUtcNow().AddHours(8), Role);
#pragma warning disable CA5350 // As the AWS command names its files.
                string name = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(variable[(equals + 1)..])));
#pragma warning restore CA5350
                caller.Home.Write($".aws/sso/cache/{name}.json", """{"accessToken":"SENTINEL-access","expiresAt":"2999-01-01T00:00:00Z"}""");
            }
            else
            {
                caller.Variables[variable[..equals]] = variable[(equals + 1)..];
            }
        }

        return caller;
    }
}
