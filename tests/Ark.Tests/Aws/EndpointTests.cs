using Ark.Aws.Identity;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Testing.Aws;
using Ark.Wire.Registries;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class EndpointTests
{
    private const string Settings =
        """
        [default]
        services = local
        endpoint_url = https://general.example.com
        [services local]
        ecr =
          endpoint_url = https://listed.example.com
        """;

    [Theory]
    [InlineData("", "https://listed.example.com")]
    [InlineData("AWS_ENDPOINT_URL=https://all.example.com/", "https://all.example.com")]
    [InlineData("AWS_ENDPOINT_URL=https://all.example.com;AWS_ENDPOINT_URL_ECR=https://own.example.com", "https://own.example.com")]
    [InlineData("AWS_ENDPOINT_URL_ECR_PUBLIC=https://own.example.com", "https://listed.example.com")]
    [InlineData("AWS_ENDPOINT_URL=https://all.example.com;AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "")]
    [InlineData("AWS_ENDPOINT_URL=https://api.ecr.invalid", "")]
    public async Task The_address_is_found_in_AWSs_order_and_part_of_the_key(string variables, string expected)
    {
        await using SomeCaller caller = await NowhereAsync(variables);

        Assert.Equal(expected, caller.Found().Key.Endpoint);
    }

    [Fact]
    public async Task The_public_gallery_has_a_variable_of_its_own_and_else_the_general_address()
    {
        await using SomeCaller caller = await NowhereAsync("");
        EcrSource gallery = SomeCaller.Source(EcrService.EcrPublic);
        Assert.Equal("https://general.example.com", caller.Found(gallery).Key.Endpoint);

        caller.Variables["AWS_ENDPOINT_URL_ECR_PUBLIC"] = "https://gallery.example.com";
        Assert.Equal("https://gallery.example.com", caller.Found(gallery).Key.Endpoint);
    }

    [Fact]
    public async Task The_configurations_address_beats_the_callers()
    {
        await using SomeCaller caller = await NowhereAsync("AWS_ENDPOINT_URL_ECR=https://own.example.com");

        Assert.Equal("https://configured.example.com", caller.Found(SomeCaller.Source(endpoint: "https://configured.example.com")).Key.Endpoint);
    }

    [Theory]
    [InlineData("http://127.0.0.1:4566", null)]
    [InlineData("http://127.9.9.9", null)]
    [InlineData("http://[::1]:80", null)]
    [InlineData("http://localhost:4566/", null)]
    [InlineData("http://localstack:4566", null)]
    [InlineData("HTTP://[::1]:4566/path/", null)]
    [InlineData(" https://ecr.example.com ", null)]
    [InlineData("ftp://127.0.0.1", "must begin with")]
    [InlineData("ecr.example.com", "must begin with")]
    [InlineData("https://ecr.example.com?x=y", "'?'")]
    [InlineData("https://ecr.example.com/?x=y", "path")]
    [InlineData("https://user:SENTINEL@ecr.example.com", "password")]
    [InlineData("https://ecr。example.com", "no place")]
    [InlineData("https://[::1", "port")]
    [InlineData("https://[::g]", "port")]
    [InlineData("https://[::1]x", "port")]
    public async Task The_callers_own_keys_go_wherever_the_caller_says(string address, string? fault)
    {
        await using SomeCaller caller = await NowhereAsync("AWS_ENDPOINT_URL=" + address);

        if (fault is null)
        {
            Assert.NotNull(caller.Found());
        }
        else
        {
            Problem problem = caller.Refused();
            Assert.Equal(ProblemKind.BadSetting, problem.Kind);
            Assert.StartsWith("AWS_ENDPOINT_URL ", problem.Message, StringComparison.Ordinal);
            Assert.Contains(fault, problem.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:4566", true)]
    [InlineData("http://127.9.9.9", true)]
    [InlineData("http://[::1]:80", true)]
    [InlineData("http://localhost:4566/", true)]
    [InlineData("http://ecr.example.com", false)]
    [InlineData("http://127.0.0.1.example.com", false)]
    [InlineData("http://localhost.example.com", false)]
    [InlineData("http://[::2]", false)]
    public async Task An_organizations_keys_go_over_plain_http_on_this_machine_only(string address, bool isAllowed)
    {
        await using SomeCaller caller = await NowhereAsync("");
        caller.Home.WriteAwsConfig($"[profile x]\nservices = s\naws_access_key_id = AKIA\naws_secret_access_key = SENTINEL\n[services s]\nsts =\n  endpoint_url = {address}\n");

        foreach (EcrSource source in new[] { SomeCaller.Source(profile: "x"), SomeCaller.Source(profile: "x", endpoint: address) })
        {
            if (isAllowed)
            {
                Assert.NotNull(caller.Found(source));
            }
            else
            {
                Assert.Contains("loopback", caller.Refused(source).Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(TokenLie.ForeignRegistry)]
    [InlineData(TokenLie.PlainRegistry)]
    public async Task A_stand_in_for_AWS_of_the_callers_own_may_name_another_registry(TokenLie lie)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Aws.Always("GetAuthorizationToken", new Behavior.Lie(lie));

        Assert.IsType<FetchOutcome.Fetched>(await caller.Found().FetchAsync(TestContext.Current.CancellationToken)).Token.Dispose();
        Assert.Equal(ProblemKind.BadAnswer, (await caller.FailAsync(SomeCaller.Source(endpoint: caller.Endpoint))).Kind);
    }

    [Theory]
    [InlineData("AWS_USE_FIPS_ENDPOINT=true", "https://api.ecr-fips.eu-west-1.amazonaws.com", "https://sts-fips.eu-west-1.amazonaws.com")]
    [InlineData("AWS_USE_DUALSTACK_ENDPOINT=True", "https://ecr.eu-west-1.api.aws", "https://sts.eu-west-1.api.aws")]
    [InlineData("AWS_USE_FIPS_ENDPOINT=true;AWS_USE_DUALSTACK_ENDPOINT=true", "https://ecr-fips.eu-west-1.api.aws", "https://sts-fips.eu-west-1.api.aws")]
    [InlineData("AWS_USE_FIPS_ENDPOINT=false", "https://api.ecr.invalid", "https://sts.eu-west-1.amazonaws.com")]
    [InlineData("AWS_USE_FIPS_ENDPOINT=true;AWS_ENDPOINT_URL_ECR=https://own.example.com", "https://own.example.com", "https://sts-fips.eu-west-1.amazonaws.com")]
    [InlineData("AWS_PROFILE=fips", "https://api.ecr-fips.eu-west-1.amazonaws.com", "https://sts-fips.eu-west-1.amazonaws.com")]
    [InlineData("AWS_PROFILE=fips;AWS_USE_FIPS_ENDPOINT=false", "https://api.ecr.invalid", "https://sts.eu-west-1.amazonaws.com")]
    [InlineData("AWS_PROFILE=dual", "https://ecr.eu-west-1.api.aws", "https://sts.eu-west-1.api.aws")]
    public async Task Fips_and_dual_stack_are_for_every_service(string variables, string ecr, string sts)
    {
        await using SomeCaller caller = await NowhereAsync(variables);
        caller.Home.WriteAwsConfig("[profile fips]\nuse_fips_endpoint = true\n[profile dual]\nuse_dualstack_endpoint = true\n");

        AwsIdentity identity = caller.Identified();

        Assert.Equal(ecr, identity.Endpoints.Ecr);
        Assert.Equal(sts, identity.Endpoints.StsIn("eu-west-1"));
        Assert.Equal(sts.Replace("sts", "portal.sso", StringComparison.Ordinal), identity.Endpoints.SsoIn("eu-west-1"));
        Assert.Equal(sts.Replace("sts", "oidc", StringComparison.Ordinal), identity.Endpoints.SsoOidcIn("eu-west-1"));
    }

    [Theory]
    [InlineData("dkr.ecr-fips.us-east-1.amazonaws.com", "https://api.ecr-fips.us-east-1.amazonaws.com", "https://sts-fips.us-east-1.amazonaws.com")]
    [InlineData("dkr-ecr.us-east-1.on.aws", "https://ecr.us-east-1.api.aws", "https://sts.us-east-1.api.aws")]
    [InlineData("dkr.ecr-fips.us-gov-west-1.amazonaws.com", "https://api.ecr-fips.us-gov-west-1.amazonaws.com", "https://sts.us-gov-west-1.amazonaws.com")]
    public async Task A_registrys_host_says_so_too_whatever_a_variable_says(string host, string ecr, string sts)
    {
        await using SomeCaller caller = await NowhereAsync("AWS_USE_FIPS_ENDPOINT=false;AWS_USE_DUALSTACK_ENDPOINT=false;AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true");
        var source = EcrSource.Of(EcrHost.Match("123456789012." + host)!);

        AwsIdentity identity = caller.Identified(source);

        Assert.Equal(ecr, identity.Endpoints.Ecr);
        Assert.Equal(sts, identity.Endpoints.StsIn(source.Region));
    }

    [Fact]
    public async Task What_is_neither_true_nor_false_is_refused_by_its_name()
    {
        await using SomeCaller caller = await NowhereAsync("AWS_USE_FIPS_ENDPOINT=1");
        Assert.StartsWith("AWS_USE_FIPS_ENDPOINT is neither true nor false", caller.Refused().Message, StringComparison.Ordinal);

        caller.Variables.Remove("AWS_USE_FIPS_ENDPOINT");
        caller.Home.WriteAwsConfig("[default]\nuse_dualstack_endpoint = yes\n");
        Assert.StartsWith("use_dualstack_endpoint of profile 'default' is neither", caller.Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_public_gallery_has_no_FIPS_endpoint()
    {
        await using SomeCaller caller = await NowhereAsync("AWS_USE_FIPS_ENDPOINT=true;AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true");
        EcrSource gallery = SomeCaller.Source(EcrService.EcrPublic);
        Assert.Contains("ECR Public has no FIPS endpoint, and AWS_USE_FIPS_ENDPOINT asks for one", caller.Refused(gallery).Message, StringComparison.Ordinal);

        caller.Variables.Remove("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        Assert.Equal("https://general.example.com", caller.Found(gallery).Key.Endpoint);
    }

    [Theory]
    [InlineData("AWS_USE_FIPS_ENDPOINT")]
    [InlineData("AWS_USE_DUALSTACK_ENDPOINT")]
    public async Task Who_asks_elsewhere_shares_no_token(string variable)
    {
        await using SomeCaller caller = await NowhereAsync("");
        string plain = caller.Found().Key.Principal;

        caller.Variables[variable] = "true";

        Assert.NotEqual(plain, caller.Found().Key.Principal);
    }

    [Fact]
    public async Task A_configured_profile_takes_only_its_roles_from_its_own_address()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        const string Role = "arn:aws:iam::123456789012:role/builder";
        caller.Aws.AddRole(Role);
        caller.Home.WriteAwsConfig($"[profile x]\nrole_arn = {Role}\nsource_profile = x\nendpoint_url = {caller.Endpoint}\n");
        caller.Home.WriteAwsCredentials($"[x]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");
        caller.Variables.Clear();

        Assert.Empty(caller.Found(SomeCaller.Source(profile: "x")).Key.Endpoint);
        IssuedToken token = await caller.FetchAsync(SomeCaller.Source(profile: "x", endpoint: caller.Endpoint));
        Assert.Equal(1, caller.Aws.Calls("AssumeRole"));
        Assert.Contains(":assumed-role/builder/ark", token.Principal.Arn, StringComparison.Ordinal);
    }

    private static async Task<SomeCaller> NowhereAsync(string variables)
    {
        SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables.Remove("AWS_ENDPOINT_URL");
        caller.Home.WriteAwsConfig(Settings);
        foreach (string[] pair in variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=', 2)))
        {
            caller.Variables[pair[0]] = pair[1];
        }

        return caller;
    }
}
