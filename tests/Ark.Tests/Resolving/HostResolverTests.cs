using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Tests.Registries;
using Xunit;

namespace Ark.Tests.Resolving;

public sealed class HostResolverTests
{
    private const string ConfiguredHost = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    private const string UnmappedHost = "999999999999.dkr.ecr.us-east-1.amazonaws.com";

    public static TheoryData<string, string> CorpusInBothModes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (HostCorpus.Row row in HostCorpus.Rows)
            {
                data.Add(row.Id, "auto");
                data.Add(row.Id, "mapped-only");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(CorpusInBothModes))]
    public void Every_row_of_the_corpus_has_its_outcome(string id, string mode)
    {
        HostCorpus.Row row = HostCorpus.Named(id);

        Resolution resolution = HostResolver.Resolve(TheConfiguration(mode), row.Input, CallerIdentity.Empty);

        string outcome = resolution switch
        {
            Resolution.Found => "SERVE",
            Resolution.NotOurs => "NOT_MINE",
            Resolution.Nothing => "EMPTY",
            _ => "STOPPED",
        };
        Assert.Equal(mode == "auto" ? row.Auto : row.MappedOnly, outcome);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("mapped-only")]
    public void Whatever_is_served_is_mapped_or_ECRs_own_and_is_the_host_that_was_named(string mode)
    {
        var mutator = new HostMutator(seed: 42);
        ConfigurationOutcome configuration = TheConfiguration(mode);
        int served = 0;
        for (int i = 0; i < 40_000; i++)
        {
            byte[] input = mutator.Next();
            if (HostResolver.Resolve(configuration, input, CallerIdentity.Empty) is not Resolution.Found(Binding binding))
            {
                continue;
            }

            served++;
            bool configured = HostCorpus.ConfiguredHosts.Contains(binding.Host);
            Assert.True(configured || (mode == "auto" && !SecondParser.Describe(input).EndsWith("not ECR", StringComparison.Ordinal)));
            Assert.Equal(binding.Host, HostThatAClientWouldCall(input));
        }

        Assert.InRange(served, 1_000, 39_000);
    }

    [Fact]
    public void A_mapped_host_is_served_by_its_organization()
    {
        Binding binding = Served(Resolve("https://registry.acme.example:443/v2/team/app"));

        Assert.Equal("registry.acme.example", binding.Host);
        Assert.Equal("acme", binding.Organization);
        Assert.Equal("acme-profile", binding.Ecr().Profile);
        Assert.False(binding.Ecr().UsesCallerIdentity);
        Assert.Equal("eu-west-1", binding.Ecr().Region);
    }

    [Fact]
    public void An_unmapped_ECR_host_is_served_as_the_caller_with_the_maps_refresh_rules()
    {
        Binding binding = Served(Resolve("210987654321.dkr.ecr-fips.us-gov-west-1.amazonaws.com"));

        Assert.Null(binding.Organization);
        Assert.True(binding.Ecr().UsesCallerIdentity);
        Assert.Null(binding.Ecr().Endpoint);
        Assert.Equal(EcrService.Ecr, binding.Ecr().Service);
        Assert.Equal("aws-us-gov", binding.Ecr().Partition);
        Assert.Equal("https://api.ecr-fips.us-gov-west-1.amazonaws.com", binding.Ecr().DefaultEndpoint);
        Assert.Equal(TimeSpan.FromMinutes(2), binding.Refresh.MinRemaining);
    }

    [Fact]
    public void The_public_gallery_is_its_own_service() =>
        Assert.Equal(EcrService.EcrPublic, Served(Resolve("public.ecr.aws")).Ecr().Service);

    [Theory]
    [InlineData("ghcr.io")]
    [InlineData("https://index.docker.io/v1/")]
    [InlineData("localhost:5000")]
    public void An_ordinary_foreign_registry_passes_in_silence(string input) => Assert.Null(Foreign(Resolve(input)).Reason);

    [Theory]
    [InlineData("http://" + ConfiguredHost, "https://")]
    [InlineData(ConfiguredHost + ":8443", "looks like an ECR registry")]
    [InlineData(ConfiguredHost + ".evil.com", "looks like an ECR registry")]
    [InlineData("12345678901.dkr.ecr.us-east-1.amazonaws.com", "looks like an ECR registry")]
    [InlineData("user:SENTINEL-pw@" + ConfiguredHost, "user name")]
    [InlineData(ConfiguredHost + "\u001b[2J", "\\x1b")]
    public void What_looks_like_a_mistake_is_named_in_one_harmless_line(string input, string reason)
    {
        string? said = Foreign(Resolve(input)).Reason;

        Assert.Contains(reason, said, StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", said, StringComparison.Ordinal);
        Assert.All(said ?? "", c => Assert.InRange(c, ' ', '~'));
    }

    [Fact]
    public void Mapped_only_says_why_an_ECR_host_is_not_served() =>
        Assert.Contains("mapped-only", Foreign(Resolve(UnmappedHost, mode: "mapped-only")).Reason, StringComparison.Ordinal);

    [Fact]
    public void The_chosen_organization_is_served_where_the_host_is_its_own() =>
        Assert.Equal("acme", Served(Resolve("registry.acme.example", chosen: "acme")).Organization);

    [Theory]
    [InlineData(ConfiguredHost, "acne", "did you mean \"acme\"?")]
    [InlineData(ConfiguredHost, "ACME", "no organization \"ACME\" in the configuration")]
    [InlineData(UnmappedHost, "no\u001bone", "\"no\\u001bone\"")]
    public void A_choice_that_cannot_be_obeyed_stops_with_its_reason(string input, string chosen, string message)
    {
        Problem problem = Assert.IsType<Resolution.Stopped>(Resolve(input, chosen: chosen)).Problem;

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Contains("ARK_ORGANIZATION", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConfiguredHost, "is not configured for " + ConfiguredHost + "; configured there: tbd")]
    [InlineData(UnmappedHost, "is not configured")]
    public void A_host_that_is_not_the_chosen_organizations_is_not_served_as_anybody_else(string input, string reason) =>
        Assert.Contains(reason, Foreign(Resolve(input, chosen: "acme")).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("ghcr.io", "auto")]
    [InlineData(UnmappedHost, "mapped-only")]
    public void A_choice_does_not_make_a_foreign_registry_ours(string input, string mode) =>
        Foreign(Resolve(input, mode, chosen: "acme"));

    [Fact]
    public void A_choice_says_nothing_about_the_gallery_that_is_everybodys() =>
        Assert.Null(Served(Resolve("public.ecr.aws", chosen: "acme")).Organization);

    [Theory]
    [InlineData(ConfiguredHost)]
    [InlineData(UnmappedHost)]
    [InlineData("ghcr.io")]
    [InlineData("https://index.docker.io/v1/")]
    public void While_the_map_is_invalid_every_registry_stops(string input)
    {
        ConfigurationOutcome configuration = ConfigurationFile.Parse("{"u8, "/a/config.json");

        Resolution resolution = HostResolver.Resolve(configuration, Encoding.UTF8.GetBytes(input), CallerIdentity.Empty);

        Problem problem = Assert.IsType<Resolution.Stopped>(resolution).Problem;
        Assert.Equal(ProblemKind.BadConfiguration, problem.Kind);
        Assert.StartsWith("/a/config.json:1:2: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_map_file_ECR_hosts_are_served_and_nothing_else()
    {
        var none = new ConfigurationOutcome.Loaded(ArkConfiguration.Empty);

        _ = Served(HostResolver.Resolve(none, Encoding.UTF8.GetBytes(ConfiguredHost), CallerIdentity.Empty));
        _ = Foreign(HostResolver.Resolve(none, "registry.acme.example"u8, CallerIdentity.Empty));
    }

    private static Resolution Resolve(string input, string mode = "auto", string? chosen = null)
    {
        var variables = new Dictionary<string, string>();
        if (chosen is not null)
        {
            variables["ARK_ORGANIZATION"] = chosen;
        }

        return HostResolver.Resolve(TheConfiguration(mode), Encoding.UTF8.GetBytes(input), new CallerIdentity(variables));
    }

    private static ConfigurationOutcome.Loaded TheConfiguration(string mode) => Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationFile.Parse(
        Encoding.UTF8.GetBytes($$"""
            {
              "mode": "{{mode}}",
              "refresh": { "minRemaining": "PT2M" },
              "organizations": [
                { "name": "tbd", "registries": [{
                  "hosts": ["{{ConfiguredHost}}"], "source": { "type": "ecr", "profile": "tbd" } }] },
                { "name": "acme", "registries": [{
                  "hosts": ["registry.acme.example"],
                  "source": { "type": "ecr", "profile": "acme-profile", "accountId": "123456789012", "region": "eu-west-1" } }] },
              ],
            }
            """),
        "config.json"));

    private static Binding Served(Resolution resolution) => Assert.IsType<Resolution.Found>(resolution).Binding;

    private static Resolution.NotOurs Foreign(Resolution resolution) => Assert.IsType<Resolution.NotOurs>(resolution);

    /// <summary>The host that a plain reader finds: what stands before the first slash, without scheme, blanks and <c>:443</c>.</summary>
    private static string HostThatAClientWouldCall(byte[] input)
    {
        string text = Encoding.Latin1.GetString(input).Trim(' ', '\t', '\n', '\v', '\f', '\r').ToLowerInvariant();
        string address = text.StartsWith("https://", StringComparison.Ordinal) ? text["https://".Length..] : text;
        string authority = address.Split('/')[0];
        return authority.EndsWith(":443", StringComparison.Ordinal) ? authority[..^4] : authority;
    }
}
