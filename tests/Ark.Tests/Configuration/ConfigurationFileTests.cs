using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Repositories;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Tests.Resolving;
using Xunit;

namespace Ark.Tests.Configuration;

public sealed class ConfigurationFileTests
{
    private const string Full = """
        // Who answers for which registry.
        {
          "$schema": "ark.schema.json",
          "mode": "mapped-only",
          "defaultOrganization": "tbd",
          "refresh": { "at": 0.4, "minRemaining": "PT10M" },
          "organizations": [{
            "id": "2ea25035-6aa4-42fb-9955-92288ea1b972", "name": "tbd",
            "registries": [{
              "hosts": ["095412845506.dkr.ecr.us-east-1.amazonaws.com", "https://Docker.example.com/"],
              "repositoryPrefix": "prod/2ea25035-6aa4-42fb-9955-92288ea1b972",
              "source": { "type": "ecr", "profile": "tbd", "accountId": "095412845506", "region": "us-east-1",
                          "roleArn": null, "externalId": null, "scope": "none", "endpoint": null }
            }, {
              "hosts": ["public.ecr.aws", "gallery.example"],
              "source": { "type": "ecr-public" },
              "refresh": { "minRemaining": "PT1S" }
            }]
          }, {
            "name": "acme",
            "registries": [{ /* a test endpoint */
              "hosts": ["210987654321.dkr-ecr.eu-west-1.on.aws"],
              "source": { "type": "ecr", "endpoint": "http://127.0.0.1:4566/" },
            }],
          }],
        }
        """;

    [Fact]
    public void A_full_map_binds_each_of_its_hosts()
    {
        ArkConfiguration configuration = Loaded(Full);

        Assert.Equal(ServingMode.MappedOnly, configuration.Mode);
        Assert.Equal(["tbd", "acme"], configuration.Organizations.Select(organization => organization.Name));
        Assert.Equal(
            [
                "095412845506.dkr.ecr.us-east-1.amazonaws.com",
                "docker.example.com",
                "public.ecr.aws",
                "gallery.example",
                "210987654321.dkr-ecr.eu-west-1.on.aws",
            ],
            configuration.Hosts);
    }

    [Fact]
    public void A_name_before_a_registry_has_the_account_and_region_of_the_map()
    {
        Binding? binding = Loaded(Full).BoundTo("docker.example.com");

        Assert.Equal("tbd", binding?.Organization);
        Assert.Equal("tbd", binding.Ecr().Profile);
        Assert.Equal("us-east-1", binding.Ecr().Region);
        Assert.Equal("aws", binding.Ecr().Partition);
        Assert.Equal("https://api.ecr.us-east-1.amazonaws.com", binding.Ecr().DefaultEndpoint);
        Assert.Null(binding.Ecr().Endpoint);
    }

    [Fact]
    public void An_endpoint_goes_with_its_source()
    {
        EcrSource source = Loaded(Full).BoundTo("210987654321.dkr-ecr.eu-west-1.on.aws").Ecr();

        Assert.Equal("http://127.0.0.1:4566", source.Endpoint);
        Assert.Equal("https://ecr.eu-west-1.api.aws", source.DefaultEndpoint);
    }

    [Theory]
    [InlineData("public.ecr.aws")]
    [InlineData("210987654321.dkr-ecr.eu-west-1.on.aws")]
    public void A_mapped_host_without_a_profile_is_the_owners_default_profile_and_never_the_callers(string host)
    {
        EcrSource source = Loaded(Full).BoundTo(host).Ecr();

        Assert.Equal("default", source.Profile);
        Assert.False(source.UsesCallerIdentity);
    }

    [Theory]
    [InlineData("public.ecr.aws")]
    [InlineData("gallery.example")]
    public void The_public_gallery_needs_neither_account_nor_region(string host)
    {
        EcrSource source = Loaded(Full).BoundTo(host).Ecr();

        Assert.Equal(EcrService.EcrPublic, source.Service);
        Assert.Equal("us-east-1", source.Region);
    }

    [Fact]
    public void Refresh_rules_come_from_the_registry_then_the_map_then_the_default()
    {
        ArkConfiguration configuration = Loaded(Full);

        Assert.Equal(new RefreshPolicy(0.4, TimeSpan.FromMinutes(10)), configuration.Refresh);
        Assert.Equal(configuration.Refresh, configuration.BoundTo("docker.example.com")?.Refresh);
        Assert.Equal(new RefreshPolicy(0.4, TimeSpan.FromSeconds(1)), configuration.BoundTo("public.ecr.aws")?.Refresh);
        Assert.Equal(RefreshPolicy.Default, Loaded("{}").Refresh);
    }

    [Fact]
    public void The_refresh_rules_of_the_map_count_wherever_they_stand()
    {
        ArkConfiguration configuration = Loaded("""
            { "organizations": [{ "name": "a", "registries": [{ "hosts": ["public.ecr.aws"], "source": { "type": "ecr-public" } }] }],
              "refresh": { "at": 0.25 } }
            """);

        Assert.Equal(0.25, configuration.BoundTo("public.ecr.aws")?.Refresh.At);
    }

    [Fact]
    public void The_defaults_of_repositories_are_read_and_policies_lose_their_comments()
    {
        RepositoryDefaults defaults = Loaded("""
            { "organizations": [{ "name": "a", "registries": [{ "hosts": ["123456789012.dkr.ecr.eu-west-1.amazonaws.com"], "source": { "type": "ecr" },
              "repositoryDefaults": {
                "tagMutability": "IMMUTABLE_WITH_EXCLUSION", "tagMutabilityExclusions": ["latest", "dev-*"],
                "encryption": { "type": "KMS", "kmsKey": "alias/ecr" }, "scanOnPush": true, "tags": { "team": "a", "cost centre": "7" },
                "lifecyclePolicy": { "rules": [ /* untagged */ { "rulePriority": 1, }, ] },
              } }] }] }
            """).Organizations[0].Registries[0].Defaults;

        Assert.Equal(new TagMutability(true, new ValueList<string>(["latest", "dev-*"])), defaults.Tags);
        Assert.Equal(new RepositoryEncryption(EncryptionType.Kms, "alias/ecr"), defaults.Encryption);
        Assert.True(defaults.ScanOnPush);
        Assert.Equal([new ResourceTag("team", "a"), new ResourceTag("cost centre", "7")], defaults.ResourceTags);
        Assert.Equal("""{"rules":[{"rulePriority":1}]}""", defaults.LifecyclePolicy);
        Assert.Null(defaults.RepositoryPolicy);
    }

    [Fact]
    public void One_registry_by_several_names_is_one_registry_and_two_accounts_are_two()
    {
        Organization organization = Loaded("""
            { "organizations": [{ "name": "a", "registries": [{ "source": { "type": "ecr" }, "repositoryPrefix": "prod", "hosts": [
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "210987654321.dkr.ecr.eu-west-1.amazonaws.com", "123456789012.dkr-ecr.eu-west-1.on.aws"] }] }] }
            """).Organizations[0];

        Assert.Equal(
            ["123456789012.dkr.ecr.eu-west-1.amazonaws.com 123456789012.dkr-ecr.eu-west-1.on.aws", "210987654321.dkr.ecr.eu-west-1.amazonaws.com"],
            organization.Registries.Select(registry => string.Join(' ', registry.Hosts)));
    }

    [Fact]
    public void Each_other_source_is_read_with_its_own_defaults()
    {
        ArkConfiguration configuration = Loaded("""
            { "fallbackHelper": "secretservice", "organizations": [{ "name": "a", "registries": [
                { "hosts": ["docker.io"], "source": { "helper": "pass", "type": "helper" } },
                { "hosts": ["ghcr.io"], "source": { "type": "command", "command": ["gh", "auth", "token"], "username": "me", "lifetime": "PT10M" } },
                { "hosts": ["harbor.example.com"], "source": { "type": "static", "username": "robot$ci", "secret": { "file": "~/.config/ark/harbor" } } },
                { "hosts": ["x.azurecr.io"], "source": { "type": "oauth", "url": "https://x.azurecr.io/oauth2/RoundTrip", "form": { "grant_type": "access_token" },
                    "secretField": "access_token", "secret": { "helper": "/opt/docker-credential-x", "server": "k" }, "username": "<token>" } } ] }] }
            """);

        Assert.Equal("secretservice", configuration.FallbackHelper);
        Assert.Equal(new HelperSource("pass", null, TimeSpan.FromMinutes(1)), configuration.BoundTo("https://index.docker.io/v1/")?.Source);
        Assert.Equal(new CommandSource(new ValueList<string>(["gh", "auth", "token"]), "me", TimeSpan.FromMinutes(10)), configuration.BoundTo("ghcr.io")?.Source);
        Assert.Equal(new StaticSource("robot$ci", new SecretReference.File("~/.config/ark/harbor")), configuration.BoundTo("harbor.example.com")?.Source);
        Assert.Equal(
            new OAuthSource(
                "https://x.azurecr.io/oauth2/RoundTrip",
                new ValueList<FormField>([new FormField("grant_type", "access_token")]),
                "access_token",
                new SecretReference.Helper("/opt/docker-credential-x", "k"),
                null,
                "<token>",
                TimeSpan.FromMinutes(15)),
            configuration.BoundTo("x.azurecr.io")?.Source);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\uFEFF{}")]
    [InlineData("// nothing yet\n{ \"organizations\": [], }\n")]
    public void An_empty_map_is_a_map(string text)
    {
        ArkConfiguration configuration = Loaded(text);

        Assert.Equal(ServingMode.Auto, configuration.Mode);
        Assert.Empty(configuration.Hosts);
    }

    [Fact]
    public void Hosts_are_found_whole_and_never_by_a_part()
    {
        ArkConfiguration configuration = Loaded(Full);

        Assert.Null(configuration.BoundTo("example.com"));
        Assert.Null(configuration.BoundTo("docker.example.com."));
        Assert.Null(configuration.BoundTo("Docker.example.com"));
        Assert.Null(configuration.BoundTo(""));
    }

    [Fact]
    public void Ten_thousand_organizations_are_read_and_each_is_found()
    {
        var text = new StringBuilder("{\"organizations\":[");
        for (int i = 0; i < 10_000; i++)
        {
            _ = text.Append(
                $$$"""
                {"id":"{{{new Guid(i, 0, 0, new byte[8])}}}","name":"org-{{{i}}}","registries":[{
                  "hosts":["{{{i:d12}}}.dkr.ecr.us-east-1.amazonaws.com","r{{{i}}}.example"],"repositoryPrefix":"prod/org-{{{i}}}",
                  "source":{"type":"ecr","profile":"profile-{{{i}}}","accountId":"{{{i:d12}}}","region":"us-east-1"}}]},
                """);
        }

        ArkConfiguration configuration = Loaded(text.Append("]}").ToString());

        Assert.Equal(20_000, configuration.Hosts.Count);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.Equal($"org-{i}", configuration.BoundTo($"{i:d12}.dkr.ecr.us-east-1.amazonaws.com")?.Organization);
            Assert.Equal($"profile-{i}", configuration.BoundTo($"r{i}.example").Ecr().Profile);
        }
    }

    [Fact]
    public void Many_prefixes_of_one_organization_on_one_host_are_read_as_fast_as_many_organizations()
    {
        IEnumerable<string> registries = Enumerable.Range(0, 50_000).Select(i =>
            $$$"""{"hosts":["r.example"],"repositoryPrefix":"p{{{i}}}","source":{"type":"ecr","accountId":"123456789012","region":"us-east-1"}}""");

        ArkConfiguration configuration = Loaded($$"""{"organizations":[{"name":"a","registries":[{{string.Join(',', registries)}}]}]}""");

        // Looking through them for each would be over a billion steps, which the run's own guard ends.
        Assert.Equal(50_000, configuration.Organizations[0].Registries.Count);
    }

    [Fact]
    public void A_half_written_file_is_refused_at_every_length()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Full);
        int end = Full.LastIndexOf('}');
        for (int length = 0; length <= end; length++)
        {
            _ = Assert.IsType<ConfigurationOutcome.Invalid>(ConfigurationFile.Parse(bytes.AsSpan(0, length), "m"));
        }
    }

    [Fact]
    public void A_map_with_a_byte_changed_is_read_or_refused_and_never_throws()
    {
        var random = new Random(5);
        byte[] original = Encoding.UTF8.GetBytes(Full);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. original];
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            ConfigurationOutcome outcome = ConfigurationFile.Parse(bytes, "m");

            if (outcome is ConfigurationOutcome.Invalid invalid)
            {
                Assert.NotEmpty(invalid.Errors);
                Assert.All(invalid.Problem.Message, c => Assert.InRange(c, ' ', '~'));
            }
        }
    }

    private static ArkConfiguration Loaded(string text)
    {
        ConfigurationOutcome outcome = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(text), "config.json");
        return outcome is ConfigurationOutcome.Invalid invalid
            ? throw new InvalidOperationException(string.Join('\n', invalid.Errors))
            : ((ConfigurationOutcome.Loaded)outcome).Configuration;
    }
}
