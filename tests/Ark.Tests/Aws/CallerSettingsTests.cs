using Ark.Aws.Identity;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Wire.Registries;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>What must not stop a caller whose variables say it all, and what is refused before a request leaves.</summary>
public sealed class CallerSettingsTests
{
    private const string Role = "arn:aws:iam::123456789012:role/web";

    public static TheoryData<string, string> Hindrances => new()
    {
        { "config", "[default\nregion = eu-west-1\n" },
        { "credentials", "SENTINEL-half-a-key" },
        { "config", "" },
    };

    [Theory]
    [MemberData(nameof(Hindrances))]
    public async Task Environment_keys_need_no_file(string name, string content)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        Break(caller, name, content);

        await caller.FetchAsync();

        AwsIdentity identity = caller.Identified();
        Assert.Contains(Path.Combine(".aws", name), SomeCaller.WithoutSecrets(identity.PassedOver!).Message, StringComparison.Ordinal);
        caller.Variables.Remove("AWS_SECRET_ACCESS_KEY");
        Assert.Equal(ProblemKind.BadSetting, caller.Refused().Kind);
    }

    [Theory]
    [MemberData(nameof(Hindrances))]
    public async Task A_web_identity_in_variables_needs_no_file_either(string name, string content)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables["AWS_ROLE_ARN"] = Role;
        caller.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
        Break(caller, name, content);

        Assert.Equal($"web identity {Role}", caller.Found().Identity);
        caller.Variables.Remove("AWS_WEB_IDENTITY_TOKEN_FILE");
        Assert.Contains(Path.Combine(".aws", name), caller.Refused().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AWS_CONFIG_FILE")]
    [InlineData("AWS_SHARED_CREDENTIALS_FILE")]
    [InlineData("HOME")]
    public async Task A_path_that_leads_nowhere_stops_no_keys_either(string variable)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables[variable] = "relative";

        await caller.FetchAsync();
    }

    [Theory]
    [InlineData("None", "", "eu-west-1")]
    [InlineData("\"us-east-2\"", "", "us-east-2")]
    [InlineData("'us-east-2' ", "", "us-east-2")]
    [InlineData("US-EAST-2", "", "us-east-2")]
    [InlineData("us-east-2\r", "", "us-east-2")]
    [InlineData("evil.com/x", "", "eu-west-1")]
    [InlineData("", "", "eu-west-1")]
    [InlineData("", "us-west-2", "us-west-2")]
    [InlineData("None", "us-west-2", "us-west-2")]
    [InlineData("cn-north-1", "us-west-2", "us-west-2")]
    [InlineData("cn-north-1", "evil.com/x", "eu-west-1")]
    public async Task A_region_that_is_none_stops_nobody(string region, string ofProfile, string expected)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_REGION"] = region;
        caller.Home.WriteAwsConfig($"[default]\nregion = {ofProfile}\n");

        Assert.Equal(expected, caller.Identified().StsRegion);
    }

    [Theory]
    [InlineData("eu-west-1", "us-east-1", "", "us-east-1")]
    [InlineData("eu-west-1", "", "us-west-2", "us-west-2")]
    [InlineData("cn-north-1", "cn-northwest-1", "us-east-1", "cn-northwest-1")]
    [InlineData("cn-north-1", "", "us-east-1", "cn-north-1")]
    [InlineData("cn-north-1", "eu-west-1", "us-east-1", "cn-north-1")]
    public async Task STS_is_asked_in_the_profiles_region_and_never_in_another_partition(
        string registry, string ofProfile, string ofShell, string expected)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables["AWS_REGION"] = ofShell;
        caller.Home.WriteAwsConfig(
            $"[default]\nregion = {ofProfile}\nrole_arn = {Role}\nsource_profile = default\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\n");

        Assert.Equal(expected, caller.Identified(EcrSource.Of(EcrHost.Private("123456789012", registry)!)).StsRegion);
    }

    [Fact]
    public async Task Blanks_and_line_breaks_around_keys_are_no_part_of_them()
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys($" {SomeCaller.KeyId}\r\n", $"\t{SomeCaller.Secret}\n", " \r\n");

        Assert.Equal("environment keys AKIA…MPLE", caller.Found().Identity);
        await caller.FetchAsync();
    }

    [Theory]
    [InlineData("AWS_ACCESS_KEY_ID", "AKIA\nX")]
    [InlineData("AWS_ACCESS_KEY_ID", "AKIAé")]
    [InlineData("AWS_SECRET_ACCESS_KEY", "SENTINEL half\nhalf")]
    [InlineData("AWS_SECRET_ACCESS_KEY", "SENTINEL\u00a0")]
    [InlineData("AWS_SESSION_TOKEN", "SENTINEL\r\nX-Header: x")]
    public async Task What_no_key_has_within_is_refused_by_the_name_of_its_variable(string variable, string value)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables[variable] = value;

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.StartsWith($"{variable} has a blank", problem.Message, StringComparison.Ordinal);
        Assert.Empty(caller.Aws.Log);
    }

    [Theory]
    [InlineData("aws_access_key_id = AKIA x\naws_secret_access_key = SENTINEL", "aws_access_key_id of profile 'default'")]
    [InlineData("aws_access_key_id = AKIA\naws_secret_access_key = SENTINEL x", "aws_secret_access_key of profile 'default'")]
    [InlineData("aws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\naws_session_token = a b", "aws_session_token of profile 'default'")]
    public async Task And_by_the_property_of_a_profile(string settings, string name)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsCredentials($"[default]\n{settings}\n");

        Assert.StartsWith($"{name} has a blank", (await caller.FailAsync()).Message, StringComparison.Ordinal);
        caller.Home.WriteAwsConfig($"[profile role]\nrole_arn = {Role}\nsource_profile = default\n");
        caller.Variables["AWS_PROFILE"] = "role";
        Assert.StartsWith($"{name} has a blank", (await caller.FailAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(caller.Aws.Log);
    }

    /// <summary>Makes a file of AWS's useless: without content a directory is in its place.</summary>
    private static void Break(SomeCaller caller, string name, string content)
    {
        if (content.Length == 0)
        {
            Directory.CreateDirectory(Path.Combine(caller.Home.Home, ".aws", name));
        }
        else
        {
            caller.Home.Write($".aws/{name}", content);
        }
    }
}
