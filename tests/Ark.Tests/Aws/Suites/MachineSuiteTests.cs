using Ark.Core.Problems;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws.Suites;

/// <summary>
/// The whole homes of smithy-rs, from its default chain (d) and its profile provider (p), in which the machine or an address of one's own
/// has a say, in words of our own. A letter stands for one case, none (-) for what only docker-credential-ecr-login was seen to do. CONTAINER,
/// INSTANCE and AWS stand for addresses of stand-ins; a minus unsets a variable.
/// </summary>
public sealed class MachineSuiteTests : IAsyncLifetime
{
    private const string Role = "arn:aws:iam::123456789012:role/registry";
    private const string Instance = "AWS_EC2_METADATA_SERVICE_ENDPOINT=INSTANCE -AWS_EC2_METADATA_DISABLED";
    private const string Container = "AWS_CONTAINER_CREDENTIALS_FULL_URI=CONTAINER";
    private const string Keys = $"aws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n";
    private const string Based = $"[default]\nregion = us-east-1\nrole_arn = {Role}\nsource_profile = base\n[profile base]\n{Keys}";
    private const string Sso = "sso_session = s\nsso_account_id = 123456789012\nsso_role_name = registry\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://start\n";

    private SomeCaller _caller = null!;
    private InstanceMetadataApi _instance = null!;
    private ContainerApi _container = null!;

    public async ValueTask InitializeAsync()
    {
        _caller = await SomeCaller.StartAsync(clock: new ImpatientClock { LongestPause = TimeSpan.FromMilliseconds(500) });
        _caller.Aws.AddRole(Role);
        _caller.Aws.AddSsoSession("SENTINEL-access", null, _caller.Clock.GetUtcNow().AddHours(8), Role);
        _caller.Home.Write(
            ".aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json", """{"accessToken":"SENTINEL-access","expiresAt":"2999-01-01T00:00:00Z"}""");
        _caller.Home.Write("token", "SENTINEL-token");
        _instance = await InstanceMetadataApi.StartAsync(Somebody("instance"), _caller.Clock);
        _container = await ContainerApi.StartAsync(Somebody("task"), _caller.Clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _container.DisposeAsync();
        await _instance.DisposeAsync();
        await _caller.DisposeAsync();
    }

    [Theory]
    [InlineData("d", $"[default]\nregion = us-east-1\nrole_arn = {Role}\ncredential_source = EcsContainer\n", Container, "registry/ark")]
    [InlineData("d", "", Container, "user/task")]
    [InlineData("d", "# nobody's\n[profile notdefault]\na = b\n", Container, "user/task")]
    [InlineData("d", "", $"{Container} AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=~/token", "user/task")]
    [InlineData("d", $"[default]\naws_access_key_id = AKIAWRONG\naws_secret_access_key = SENTINEL\n[profile b]\n{Keys}", "AWS_ACCESS_KEY_ID=_ AWS_SECRET_ACCESS_KEY=_ AWS_PROFILE=b", "user/tester")]
    [InlineData("d", $"[default]\nregion = us-east-1\nrole_arn = {Role}\ncredential_source = Ec2InstanceMetadata\n", Instance, "registry/ark")]
    [InlineData("d", "[default]\nmax_attempts = 1\n", Instance, "user/instance")]
    [InlineData("d", "", Instance, "user/instance")]
    [InlineData("p", Based, "", "registry/ark")]
    [InlineData("p", Based, "-AWS_ENDPOINT_URL AWS_ENDPOINT_URL_ECR=AWS AWS_ENDPOINT_URL_STS=AWS", "registry/ark")]
    [InlineData("p", $"[default]\nendpoint_url = AWS\nregion = us-east-1\nrole_arn = {Role}\nsource_profile = base\n[profile base]\n{Keys}", "-AWS_ENDPOINT_URL", "registry/ark")]
    [InlineData("p", $"[default]\nservices = own\nrole_arn = {Role}\nsource_profile = base\n[services own]\nsts =\n  endpoint_url = AWS\n[profile base]\n{Keys}", "-AWS_ENDPOINT_URL AWS_ENDPOINT_URL_ECR=AWS", "registry/ark")]
    [InlineData("p", $"[default]\n{Sso}", "", "registry/person")]
    [InlineData("-", $"[default]\nrole_arn = {Role}\n", Container, "registry/ark")]
    [InlineData("-", $"[default]\nrole_arn = {Role}\n", Instance, "registry/ark")]
    [InlineData("-", $"[default]\nrole_arn = {Role}\n{Keys}", "", "registry/ark")]
    [InlineData("-", $"[default]\n{Keys}{Sso}", "", "user/tester")]
    public async Task A_machine_has_the_identity_that_it_has_in_the_suite(string suite, string config, string variables, string identity)
    {
        Assert.NotEmpty(suite);
        Set(config, variables);

        Assert.EndsWith(identity, (await _caller.FetchAsync()).Principal.Arn, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("d", "", $"{Container} AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=~/gone", "", 0, "gone")]
    [InlineData("d", "", Instance, InstanceMetadataApi.List, 404, "no role is attached")]
    [InlineData("d", "", "AWS_EC2_METADATA_DISABLED=True", "", 0, "switched off")]
    [InlineData("d", $"[default]\nregion = us-east-1\nrole_arn = {Role}\ncredential_source = Ec2InstanceMetadata\n", Instance, InstanceMetadataApi.List, 404, "no role is attached")]
    [InlineData("d", $"[default]\nregion = us-east-1\nrole_arn = {Role}\ncredential_source = Ec2InstanceMetadata\n", Instance, InstanceMetadataApi.Token, 403, "instance metadata is disabled")]
    [InlineData("-", $"[default]\nrole_arn = {Role}\n", Instance, InstanceMetadataApi.Token, 403, "nothing to assume the role with")]
    [InlineData("-", $"[default]\nrole_arn = {Role}\n", "", "", 0, "nothing to assume the role with")]
    public async Task A_machine_that_has_no_identity_in_the_suite_says_why(
        string suite, string config, string variables, string failing, int status, string why)
    {
        Assert.NotEmpty(suite);
        Set(config, variables);
        if (failing.Length > 0)
        {
            _instance.Always(failing, new Behavior.Fail(status, "", ""));
        }

        Problem problem = _caller.For() is Core.Sources.SourceOutcome.Failed refused
            ? SomeCaller.WithoutSecrets(refused.Problem)
            : await _caller.FailAsync();

        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_that_fails_once_at_each_step_is_asked_again_as_in_the_suite()
    {
        Set("", Instance);
        foreach (string operation in (string[])[InstanceMetadataApi.Token, InstanceMetadataApi.List, InstanceMetadataApi.Keys])
        {
            _instance.Next(operation, new Behavior.Fail(503, "", ""));
        }

        Assert.EndsWith("user/instance", (await _caller.FetchAsync()).Principal.Arn, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("d", "", "AWS_USE_FIPS_ENDPOINT=true AWS_USE_DUALSTACK_ENDPOINT=true", "https://portal.sso-fips.us-east-2.api.aws")]
    [InlineData("p", "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n", "", "https://sts-fips.us-east-2.api.aws")]
    public void FIPS_and_dual_stack_lead_where_they_lead_in_the_suite(string suite, string config, string variables, string address)
    {
        Assert.NotEmpty(suite);
        Set(config, variables + " -AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID=AKIA AWS_SECRET_ACCESS_KEY=SENTINEL");

        var endpoints = _caller.Identified().Endpoints;

        Assert.Contains(address, (string[])[endpoints.SsoIn("us-east-2"), endpoints.StsIn("us-east-2")]);
    }

    private Principal Somebody(string name) =>
        _caller.Aws.AddPrincipal($"ASIA{name.ToUpperInvariant().PadRight(16, '0')}", "SENTINEL-secret", "SENTINEL-session", name: name);

    private void Set(string config, string variables)
    {
        string Filled(string text) => text
            .Replace("CONTAINER", _container.Url, StringComparison.Ordinal)
            .Replace("INSTANCE", _instance.Endpoint, StringComparison.Ordinal)
            .Replace("= AWS\n", $"= {_caller.Endpoint}\n", StringComparison.Ordinal);

        _caller.Home.WriteAwsConfig(Filled(config));
        foreach (string variable in variables.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = variable.TrimStart('-').Split('=', 2);
            if (variable[0] == '-')
            {
                _caller.Variables.Remove(parts[0]);
            }
            else
            {
                _caller.Variables[parts[0]] = parts[1] switch
                {
                    "AWS" => _caller.Endpoint,
                    "_" => " ",
                    _ => Filled(parts[1]),
                };
            }
        }
    }
}
