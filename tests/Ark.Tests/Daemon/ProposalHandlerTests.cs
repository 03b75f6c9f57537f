using Ark.Core.Configuration;
using Ark.Core.Sources;
using Ark.Tests.Aws;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

/// <summary>The configuration that is proposed from somebody's profiles.</summary>
public sealed class ProposalHandlerTests : IAsyncLifetime
{
    private SomeCaller _caller = null!;
    private DispatcherFixture _fixture = null!;

    public async ValueTask InitializeAsync()
    {
        _caller = await SomeCaller.StartAsync();
        _fixture = new DispatcherFixture(_caller.Access);
    }

    public ValueTask DisposeAsync()
    {
        _fixture.Dispose();
        return _caller.DisposeAsync();
    }

    [Fact]
    public async Task Each_profile_becomes_an_organization()
    {
        _caller.Home.WriteAwsConfig(Profile("tbd", "111111111111", "eu-west-1") + Profile("cn", "222222222222", "cn-north-1"));

        Reply reply = await Ask();

        Assert.Equal((0, ""), (reply.ExitCode, reply.Error()));
        Assert.Equal(
            """
            {
              "$schema": "ark.schema.json",
              "organizations": [
                {
                  "name": "cn",
                  "registries": [
                    {
                      "hosts": [
                        "222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn"
                      ],
                      "source": {
                        "type": "ecr",
                        "profile": "cn"
                      }
                    }
                  ]
                },
                {
                  "name": "tbd",
                  "registries": [
                    {
                      "hosts": [
                        "111111111111.dkr.ecr.eu-west-1.amazonaws.com"
                      ],
                      "source": {
                        "type": "ecr",
                        "profile": "tbd"
                      }
                    }
                  ]
                }
              ]
            }

            """,
            reply.Out());
    }

    [Fact]
    public async Task Whatever_profiles_are_called_the_configuration_is_valid()
    {
        string[] names =
            ["TBD Robotics", "tbd-robotics", "TBD_robotics", "--", "Ünïcode \"quoted\"", new string('x', 100), new string('x', 101)];
        _caller.Home.WriteAwsConfig(string.Concat(names.Select((name, i) => Profile(name, $"{111111111111 + i}", "eu-west-1"))));

        Reply reply = await Ask();

        var loaded = Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationFile.Parse(reply.Stdout, "config.json"));
        Assert.Equal(names.Length, loaded.Configuration.Hosts.Count);
        Assert.Equal(
            [
                "n-code--quoted", "organization", "tbd-robotics", "tbd-robotics-2", "tbd-robotics-3",
                new string('x', 57) + "-2", new string('x', 63),
            ],
            loaded.Configuration.Organizations.Select(one => one.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_two_profiles_for_one_registry_the_first_gets_it_and_the_other_a_note()
    {
        _caller.Home.WriteAwsConfig(
            Profile("admin", "111111111111", "eu-west-1") + Profile("dev", "111111111111", "eu-west-1") + "[profile bare]\n");

        Reply reply = await Ask();

        var loaded = Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationFile.Parse(reply.Stdout, "config.json"));
        Assert.Equal(["admin"], loaded.Configuration.Organizations.Select(one => one.Name));
        Assert.Equal(
            """
            ark: note: profile 'bare' is left out: it has no region
            ark: note: profile 'dev' is left out: 111111111111.dkr.ecr.eu-west-1.amazonaws.com is proposed for profile 'admin' already

            """,
            reply.Error());
    }

    [Fact]
    public async Task A_persons_login_is_proposed_before_a_role_and_keys_for_the_same_registry()
    {
        _caller.Home.WriteAwsConfig(
            Profile("admin", "111111111111", "eu-west-1")
            + """
              [profile person]
              region = eu-west-1
              sso_start_url = https://acme.awsapps.com/start
              sso_region = eu-west-1
              sso_account_id = 111111111111
              sso_role_name = Dev

              """);

        Reply reply = await Ask();

        var loaded = Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationFile.Parse(reply.Stdout, "config.json"));
        Assert.Equal(["person"], loaded.Configuration.Organizations.Select(one => one.Name));
        Assert.Contains("profile 'admin' is left out", reply.Error(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "services = vpc\n[services vpc]\necr =\n  endpoint_url = https://VPCE-1.api.ecr.eu-west-1.vpce.amazonaws.com/\n",
        "https://vpce-1.api.ecr.eu-west-1.vpce.amazonaws.com")]
    [InlineData("endpoint_url = https://proxy.example.com:8443\n", "https://proxy.example.com:8443")]
    [InlineData("services = vpc\n[services vpc]\nsts =\n  endpoint_url = https://sts.example.com\n", null)]
    [InlineData("endpoint_url = https://proxy.example.com\nignore_configured_endpoint_urls = true\n", null)]
    public async Task The_endpoint_of_a_profile_goes_into_the_configuration_since_a_mapped_host_uses_no_other(
        string settings, string? endpoint)
    {
        _caller.Home.WriteAwsConfig(Profile("tbd", "111111111111", "eu-west-1") + settings);

        Reply reply = await Ask();

        Assert.Equal((0, ""), (reply.ExitCode, reply.Error()));
        var loaded = Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationFile.Parse(reply.Stdout, "config.json"));
        var source = Assert.IsType<EcrSource>(Assert.Single(Assert.Single(loaded.Configuration.Organizations).Registries).Source);
        Assert.Equal(("tbd", endpoint), (source.Profile, source.Endpoint));
    }

    [Theory]
    [InlineData(
        "https://user:SENTINEL@proxy.example.com",
        "must be scheme, host and port: a registry address has no user name or password before the host")]
    [InlineData("http://proxy.example.com", "must begin with https://; http:// is allowed for loopback addresses only")]
    public async Task An_endpoint_that_the_configuration_may_not_have_is_left_out_with_a_note_that_does_not_repeat_it(
        string endpoint, string why)
    {
        _caller.Home.WriteAwsConfig(
            Profile("tbd", "111111111111", "eu-west-1") + $"services = vpc\n[services vpc]\necr =\n  endpoint_url = {endpoint}\n");

        Reply reply = await Ask();

        Assert.Equal(
            (0, $"ark: note: profile 'tbd' is proposed without its endpoint for ECR, which {why}\n"), (reply.ExitCode, reply.Error()));
        Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationFile.Parse(reply.Stdout, "config.json"));
        Assert.DoesNotContain("endpoint", reply.Out(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "there is no AWS profile to propose a configuration from\n")]
    [InlineData("[profile bare]\n", "none of 1 AWS profiles tells account and region: profile 'bare' is left out: it has no region\n")]
    public async Task Where_there_is_nothing_to_propose_that_is_an_error(string config, string message)
    {
        _caller.Home.WriteAwsConfig(config);

        Reply reply = await Ask();

        Assert.Equal((1, message), (reply.ExitCode, reply.Out()));
        Assert.Contains("ark: hint: ", reply.Error(), StringComparison.Ordinal);
    }

    private static string Profile(string name, string account, string region) =>
        $"[profile {name}]\nrole_arn = arn:aws:iam::{account}:role/dev\nweb_identity_token_file = /token\nregion = {region}\n";

    private Task<Reply> Ask() => _fixture.Ask(Verb.Propose, "", [.. _caller.Variables.Select(variable => (variable.Key, variable.Value))]);
}
