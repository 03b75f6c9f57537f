using System.Diagnostics;
using Ark.Aws.Credentials;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Xunit;

namespace Ark.Tests.Aws.Suites;

/// <summary>
/// From where the suites of smithy-rs (s; p for its profile provider) and aws-sdk-kotlin (k) have the credentials of profile a come, in words
/// of our own: what is asked first stands first. A letter stands for one case; tests/RESULTS.md has the sums. botocore's tests (b) say the
/// same of their classes, and are not counted.
/// </summary>
public sealed class ProfileChainSuiteTests
{
    private const string Keys = "aws_access_key_id = KEY\naws_secret_access_key = SENTINEL\n";
    private const string Wrong = "aws_access_key_id = WRONG\naws_secret_access_key = SENTINEL\n";
    private const string Session = "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://start\n";

    [Theory]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\n" + Keys, "keys KEY > role A")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = b\n" + Wrong + "[profile b]\n" + Keys, "keys KEY > role A")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nrole_session_name = me\nsource_profile = b\n[profile b]\n" + Keys, "keys KEY > role A as me")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nexternal_id = x\nsource_profile = b\n[profile b]\n" + Keys, "keys KEY > role A x")]
    [InlineData("b", "[profile a]\nrole_arn = A\nduration_seconds = 7200\nsource_profile = b\n[profile b]\n" + Keys, "keys KEY > role A for 7200")]
    [InlineData("b", "[profile a]\nrole_arn = A\nduration_seconds = garbage\nsource_profile = b\n[profile b]\n" + Keys, "keys KEY > role A")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = a\n" + Keys, "keys KEY > role A")]
    [InlineData("sk", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\nrole_arn = B\nsource_profile = c\n[profile c]\n" + Keys, "keys KEY > role B > role A")]
    [InlineData("sk", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\nrole_arn = B\nsource_profile = c\n" + Keys + "[profile c]\n" + Wrong, "keys KEY > role A")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nweb_identity_token_file = /token", "web /token > role A")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nrole_session_name = me\nweb_identity_token_file = /token", "web /token > role A as me")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\nrole_arn = B\nweb_identity_token_file = /token", "web /token > role B > role A")]
    [InlineData("skb", "[profile a]\nsso_start_url = https://start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R", "sso 1 R in eu-west-1")]
    [InlineData("kb", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\nsso_start_url = https://start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R", "sso 1 R in eu-west-1 > role A")]
    [InlineData("b", "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = R\n" + Session, "sso 1 R in eu-west-1")]
    [InlineData("b", "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = R\nsso_region = eu-west-1\nsso_start_url = https://start\n" + Session, "sso 1 R in eu-west-1")]
    [InlineData("b", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\ncredential_process = p", "program p > role A")]
    [InlineData("b", "[profile a]\ncredential_process = p", "program p")]
    public void Credentials_come_from_where_the_SDKs_have_them_come(string suites, string config, string chain)
    {
        Assert.NotEmpty(suites);
        Outcome<CredentialProvider> read = Read(config);
        Assert.True(read.Succeeded(out CredentialProvider? provider, out Problem? problem), problem?.Message);
        Assert.Equal(chain, Shown(provider));
    }

    [Theory]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = b\ncredential_source = Environment\n[profile b]\n" + Keys, "both source_profile and credential_source")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\naws_access_key_id = KEY", "'b' cannot be used: it has aws_access_key_id without aws_secret_access_key")]
    [InlineData("sk", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\naws_secret_access_key = SENTINEL", "'b' cannot be used: it has aws_secret_access_key without aws_access_key_id")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]", "'b' holds no credentials")]
    [InlineData("sk", "[profile a]\nec2_metadata_service_endpoint_mode = IPv6", "'a' holds no credentials")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = b", "'a' refers to 'b', which is not in")]
    [InlineData("s", "", "'a' is not in")]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\nrole_arn = B\nsource_profile = a", "a → b → a")]
    [InlineData("b", "[profile a]\nrole_arn = A\nsource_profile = a", "a → a")]
    [InlineData("skb", "[profile a]\nweb_identity_token_file = /token", "web_identity_token_file without role_arn")]
    [InlineData("skb", "[profile a]\nsso_start_url = https://start\nsso_region = eu-west-1\nsso_role_name = R", "no sso_account_id")]
    [InlineData("skb", "[profile a]\nsso_start_url = https://start\nsso_region = eu-west-1\nsso_account_id = 1", "no sso_role_name")]
    [InlineData("kb", "[profile a]\nsso_start_url = https://start\nsso_account_id = 1\nsso_role_name = R", "no sso_region")]
    [InlineData("kb", "[profile a]\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R", "without sso_session or sso_start_url")]
    [InlineData("s", "[profile a]\nsso_session = s\nsso_region = eu-west-1\n[sso-session s]\nsso_start_url = https://start", "[sso-session s] has no sso_region")]
    [InlineData("sb", "[profile a]\nsso_session = t\nsso_account_id = 1\nsso_role_name = R\n" + Session, "refers to [sso-session t], which is not in")]
    [InlineData("b", "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = R\nsso_region = us-east-1\n" + Session, "sso_region is not that of")]
    [InlineData("b", "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = R\nsso_start_url = https://other\n" + Session, "sso_start_url is not that of")]
    [InlineData("b", "[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = R\n[sso-session s]\nsso_region = eu-west-1", "[sso-session s] has no sso_start_url")]
    [InlineData("pp", "[profile a]\nsso_session = s\n" + Session, "no sso_account_id")]
    public void What_cannot_be_used_says_why(string suites, string config, string why)
    {
        Assert.NotEmpty(suites);
        Assert.False(Read(config).Succeeded(out _, out Problem? problem));
        Assert.Contains(why, SomeCaller.WithoutSecrets(problem).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("skb", "[profile a]\nrole_arn = A\nsource_profile = b\n" + Keys + "[profile b]\nrole_arn = B\nsource_profile = a", "keys KEY > role B > role A", "Go ends a loop where it meets keys")]
    [InlineData("sk", "[profile a]\nrole_arn = A", "instance > role A", "Go asks the machine")]
    public void What_AWSs_tools_do_not_agree_about_is_decided(string suites, string config, string chain, string reason)
    {
        Assert.NotEmpty(reason);
        Credentials_come_from_where_the_SDKs_have_them_come(suites, config, chain);
    }

    private static Outcome<CredentialProvider> Read(string config) =>
        new ProfileReader(
            new ProfileSet(ProfileFiles.In("/home/me"), IniFile.Parse(config, "CONFIG").Sections, []),
            new MetadataSettings(CallerIdentity.Empty, areOfRequest: true)).Read("a");

    private static string Shown(CredentialProvider provider) => provider switch
    {
        CredentialProvider.InProfile keys => $"keys {keys.Profile["aws_access_key_id"]}",
        CredentialProvider.Role role => $"{Shown(role.Source)} > role {role.RoleArn}" +
            (role.SessionName == ProfileReader.DefaultSessionName ? "" : $" as {role.SessionName}") +
            (role.ExternalId is { } id ? $" {id}" : "") +
            (role.Seconds is { } seconds ? $" for {seconds}" : ""),
        CredentialProvider.WebIdentity web => $"web {web.TokenFile} > role {web.RoleArn}" +
            (web.SessionName == ProfileReader.DefaultSessionName ? "" : $" as {web.SessionName}"),
        CredentialProvider.Sso sso => $"sso {sso.AccountId} {sso.RoleName} in {sso.Region}",
        CredentialProvider.Instance => "instance",
        CredentialProvider.Program program => $"program {program.CommandLine}",
        _ => throw new UnreachableException(),
    };
}
