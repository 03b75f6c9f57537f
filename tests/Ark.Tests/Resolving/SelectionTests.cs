using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Xunit;

namespace Ark.Tests.Resolving;

/// <summary>Several organizations on one host: what the caller chose, the path, one identity, <c>ark use</c>, the default, or nobody.</summary>
public sealed class SelectionTests
{
    private const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    private const string BlueId = "2ea25035-6aa4-42fb-9955-92288ea1b972";

    /// <summary>Blue and green have roles of their own below their prefixes; the rest of the host is the platform's.</summary>
    private const string Shared = $$"""
        {
          "organizations": [
            { "name": "blue", "id": "{{BlueId}}", "registries": [{ "hosts": ["{{Host}}"], "repositoryPrefix": "prod/blue",
              "source": { "type": "ecr", "profile": "p", "roleArn": "arn:aws:iam::123456789012:role/blue" } }] },
            { "name": "green", "registries": [{ "hosts": ["{{Host}}"], "repositoryPrefix": "prod/blue/green",
              "source": { "type": "ecr", "profile": "p", "roleArn": "arn:aws:iam::123456789012:role/green" } }] },
            { "name": "platform", "registries": [{ "hosts": ["{{Host}}", "*.mirror.example.com"],
              "source": { "type": "ecr", "profile": "p", "accountId": "123456789012", "region": "us-east-1" } }] },
          ],
        }
        """;

    [Theory]
    [InlineData("/prod/blue/app:1", "blue")]
    [InlineData("/prod/blue", "blue")]
    [InlineData("/prod/blue/greenish", "blue")]
    [InlineData("/v2/prod/blue/green/app/manifests", "green")]
    [InlineData("/prod/blue/green", "green")]
    [InlineData("/prod/bluebird/app", "platform")]
    [InlineData("/djt-mapping-pipeline-ecr:latest", "platform")]
    public void The_longest_prefix_that_a_path_lies_below_decides(string path, string organization) =>
        Assert.Equal(organization, Served(Resolve(Shared, Host + path)));

    [Theory]
    [InlineData("ARK_ORGANIZATION", "green", "green")]
    [InlineData("ARK_ORGANIZATION", BlueId, "blue")]
    [InlineData("ARK_ORGANIZATION", "2EA25035-6AA4-42FB-9955-92288EA1B972", "blue")]
    [InlineData("ARK_CALLED_AS", "blue", "blue")]
    public void A_choice_decides_before_the_path(string variable, string chosen, string organization)
    {
        Assert.Equal(organization, Served(Resolve(Shared, Host, caller: (variable, chosen))));
        Assert.Equal(organization, Served(Resolve(Shared, $"{Host}/djt-mapping-pipeline-ecr", caller: (variable, chosen))));
    }

    [Fact]
    public void A_variable_that_somebody_set_counts_before_the_name_in_dockers_file_and_says_so()
    {
        var caller = new CallerIdentity(new Dictionary<string, string> { ["ARK_ORGANIZATION"] = "green", ["ARK_CALLED_AS"] = "blue" });

        Assert.Equal("green", Served(HostResolver.Resolve(Configuration(Shared), Encoding.UTF8.GetBytes(Host), caller)));
        Assert.Equal("ARK_ORGANIZATION chooses green, not docker-credential-ark-blue as docker's file says", caller.ChoiceNote);
        Assert.Equal("blue", Served(HostResolver.Resolve(Configuration(Shared), Encoding.UTF8.GetBytes(Host), caller.Choosing("blue"))));
    }

    [Fact]
    public void A_choice_that_is_no_organization_is_refused_with_how_it_was_made()
    {
        Problem problem = Assert.IsType<Resolution.Stopped>(Resolve(Shared, Host, caller: ("ARK_CALLED_AS", "gren"))).Problem;

        Assert.Contains("docker-credential-ark-gren", problem.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean \"green\"?", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_nothing_to_go_by_nobody_is_served_and_the_candidates_are_named()
    {
        Problem problem = Assert.IsType<Resolution.Ambiguous>(Resolve(Shared, Host)).Problem;

        Assert.Equal(ProblemKind.Ambiguous, problem.Kind);
        Assert.Contains($"several organizations are configured for {Host}: blue, green, platform", problem.Message, StringComparison.Ordinal);
        Assert.Contains("ARK_ORGANIZATION=blue", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void The_organization_in_use_answers_where_several_could_and_the_default_does_where_none_is() =>
        Assert.Multiple(
            () => Assert.Equal("green", Served(Resolve(Shared, Host, used: "green"))),
            () => Assert.Equal("blue", Served(Resolve(Shared, Host, used: BlueId))),
            () => Assert.Equal("blue", Served(Resolve(WithDefault("blue"), Host))),
            () => Assert.Equal("green", Served(Resolve(WithDefault("blue"), Host, used: "green"))),
            () => Assert.Equal("blue", Served(Resolve(WithDefault("blue"), Host, used: "one-that-was-removed"))));

    [Fact]
    public void The_organization_in_use_does_not_decide_where_a_path_does() =>
        Assert.Equal("blue", Served(Resolve(Shared, $"{Host}/prod/blue/app", used: "green")));

    [Fact]
    public void The_organization_in_use_says_nothing_about_hosts_of_others() =>
        Assert.Equal("platform", Served(Resolve(Shared, "eu.mirror.example.com", used: "green")));

    [Fact]
    public void Organizations_of_one_identity_share_its_token_and_need_no_choice()
    {
        string configuration = Organizations(["a", "b", "c"], (name, i) => $$"""{ "hosts": ["{{Host}}"], "repositoryPrefix": "prod/{{name}}", "source": { "type": "ecr", "profile": "p" } }""");

        Assert.Equal("a", Served(Resolve(configuration, Host)));
        Assert.Equal("b", Served(Resolve(configuration, Host, used: "b")));
        Assert.Equal("c", Served(Resolve(configuration, $"{Host}/prod/c/app")));
        Assert.Equal("a", Served(Resolve(configuration, $"{Host}/elsewhere")));
    }

    [Fact]
    public void A_session_limited_to_a_prefix_is_an_identity_of_its_own()
    {
        string configuration = Organizations(["a", "b"], (name, i) => $$"""
            { "hosts": ["{{Host}}"], "repositoryPrefix": "prod/{{name}}",
              "source": { "type": "ecr", "profile": "p", "roleArn": "arn:aws:iam::123456789012:role/r", "externalId": "x-1", "sessionName": "me", "scope": "push" } }
            """);

        Assert.IsType<Resolution.Ambiguous>(Resolve(configuration, Host));
        EcrSource source = Assert.IsType<Resolution.Found>(Resolve(configuration, $"{Host}/prod/b/app")).Binding.Ecr();
        Assert.Equal(
            new AssumedRole("arn:aws:iam::123456789012:role/r", "x-1", "me", new RepositoryScope(ScopeRights.Push, "123456789012", "prod/b")), source.Role);
    }

    [Fact]
    public void One_organization_with_two_identities_on_a_host_answers_for_the_rest_with_that_of_the_whole_registry()
    {
        string configuration = $$"""
            { "organizations": [{ "name": "a", "registries": [
                { "hosts": ["{{Host}}"], "source": { "type": "ecr", "profile": "all" } },
                { "hosts": ["{{Host}}"], "repositoryPrefix": "prod", "source": { "type": "ecr", "profile": "prod" } } ] }] }
            """;

        Assert.Equal("all", Assert.IsType<Resolution.Found>(Resolve(configuration, Host)).Binding.Ecr().Profile);
        Assert.Equal("prod", Assert.IsType<Resolution.Found>(Resolve(configuration, $"{Host}/prod/x")).Binding.Ecr().Profile);
        Assert.Equal("prod", Assert.IsType<Resolution.Found>(Resolve(configuration, $"{Host}/prod/x", caller: ("ARK_ORGANIZATION", "a"))).Binding.Ecr().Profile);
        Assert.Equal("all", Assert.IsType<Resolution.Found>(Resolve(configuration, $"{Host}/x", caller: ("ARK_ORGANIZATION", "a"))).Binding.Ecr().Profile);
    }

    [Theory]
    [InlineData("210987654321.dkr.ecr.eu-west-1.amazonaws.com", "any-eu-west-1")]
    [InlineData("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "exact")]
    [InlineData("777777777777.dkr.ecr.eu-west-1.amazonaws.com", "sevens")]
    public void A_host_in_full_counts_before_patterns_and_the_longest_pattern_before_shorter_ones(string host, string organization)
    {
        string configuration = """
            { "organizations": [
                { "name": "any-eu-west-1", "registries": [{ "hosts": ["*.dkr.ecr.eu-west-1.amazonaws.com"], "source": { "type": "ecr", "profile": "any" } }] },
                { "name": "sevens", "registries": [{ "hosts": ["777*.dkr.ecr.eu-west-1.amazonaws.com"], "source": { "type": "ecr", "profile": "sevens" } }] },
                { "name": "exact", "registries": [{ "hosts": ["123456789012.dkr.ecr.eu-west-1.amazonaws.com"], "source": { "type": "ecr" } }] } ] }
            """;

        Binding binding = Assert.IsType<Resolution.Found>(Resolve(configuration, host)).Binding;

        Assert.Equal(organization, binding.Organization);
        Assert.Equal(host[..12], binding.Ecr().AccountId);
    }

    [Theory]
    [InlineData("a.docker.example.com", true)]
    [InlineData("a.docker.example.com:443", true)]
    [InlineData("docker.example.com", false)]
    [InlineData("a.b.docker.example.com", false)]
    [InlineData("a.docker.example.com.evil.example", false)]
    [InlineData("a.docker.example.com:5000", false)]
    [InlineData("xdocker.example.com", false)]
    public void A_star_stays_within_its_label(string host, bool served) =>
        Assert.Equal(served, Resolve(
            """
            { "organizations": [{ "name": "a", "registries": [{ "hosts": ["*.docker.example.com"],
                "source": { "type": "ecr", "accountId": "123456789012", "region": "eu-west-1" } }] }] }
            """,
            host) is Resolution.Found);

    [Theory]
    [InlineData("\"mode\": \"mapped-only\",", "nobody")]
    [InlineData("", "the caller")]
    public void A_pattern_does_not_cover_a_host_that_says_another_account_than_the_map(string mode, string served)
    {
        Resolution resolution = Resolve(
            $$"""
            { {{mode}} "organizations": [{ "name": "a", "registries": [{ "hosts": ["*.dkr.ecr.eu-west-1.amazonaws.com"],
                "source": { "type": "ecr", "accountId": "123456789012" } }] }] }
            """,
            "210987654321.dkr.ecr.eu-west-1.amazonaws.com");

        Assert.Equal(served, resolution is Resolution.Found { Binding.Organization: null } ? "the caller" : "nobody");
    }

    [Fact]
    public void A_longer_pattern_that_does_not_fit_leaves_the_host_to_a_shorter_one() =>
        Assert.Equal("any", Served(Resolve(
            """
            { "organizations": [
                { "name": "any", "registries": [{ "hosts": ["*.dkr.ecr.eu-west-1.amazonaws.com"], "source": { "type": "ecr" } }] },
                { "name": "one", "registries": [{ "hosts": ["2*.dkr.ecr.eu-west-1.amazonaws.com"], "source": { "type": "ecr", "accountId": "222222222222" } }] }] }
            """,
            "210987654321.dkr.ecr.eu-west-1.amazonaws.com")));

    [Fact]
    public void What_is_asked_to_be_FIPS_covers_FIPS_hosts_only()
    {
        const string Configuration = """
            { "mode": "mapped-only", "organizations": [{ "name": "a", "registries": [{
                "hosts": ["*.dkr.ecr.us-east-1.amazonaws.com", "*.dkr.ecr-fips.us-east-1.amazonaws.com"], "source": { "type": "ecr", "fips": true } }] }] }
            """;

        Assert.IsType<Resolution.NotOurs>(Resolve(Configuration, "123456789012.dkr.ecr.us-east-1.amazonaws.com"));
        Assert.True(Assert.IsType<Resolution.Found>(Resolve(Configuration, "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com")).Binding.Ecr().Fips);
    }

    [Fact]
    public void Ten_thousand_organizations_on_one_host_are_told_apart_by_path_and_by_choice_and_shown_in_part_when_nothing_decides()
    {
        string configuration = Organizations(
            Enumerable.Range(0, 10_000).Select(i => $"org-{i}"),
            (name, i) => $$"""{ "hosts": ["{{Host}}"], "repositoryPrefix": "prod/{{name}}", "source": { "type": "ecr", "profile": "{{name}}" } }""");
        ConfigurationOutcome loaded = Configuration(configuration);

        Assert.Equal("org-9999", Served(HostResolver.Resolve(loaded, Encoding.UTF8.GetBytes($"{Host}/prod/org-9999/app"), CallerIdentity.Empty)));
        Assert.Equal("org-1234", Served(HostResolver.Resolve(loaded, Encoding.UTF8.GetBytes(Host), CallerIdentity.Empty.Choosing("org-1234"))));
        Assert.EndsWith(
            "org-9 and 9990 more",
            Assert.IsType<Resolution.Ambiguous>(HostResolver.Resolve(loaded, Encoding.UTF8.GetBytes(Host), CallerIdentity.Empty)).Problem.Message,
            StringComparison.Ordinal);
    }

    private static string WithDefault(string organization) => Shared.Replace("{\n  \"organizations\"", $"{{ \"defaultOrganization\": \"{organization}\",\n  \"organizations\"", StringComparison.Ordinal);

    private static string Organizations(IEnumerable<string> names, Func<string, int, string> registry) =>
        $$"""{ "organizations": [ {{string.Join(",\n", names.Select((name, i) => $$"""{ "name": "{{name}}", "registries": [{{registry(name, i)}}] }"""))}} ] }""";

    private static Resolution Resolve(string configuration, string input, string? used = null, params (string Name, string Value)[] caller) => HostResolver.Resolve(
        ((ConfigurationOutcome.Loaded)Configuration(configuration)) with { Using = used },
        Encoding.UTF8.GetBytes(input),
        new CallerIdentity(caller.ToDictionary(variable => variable.Name, variable => variable.Value)));

    private static ConfigurationOutcome Configuration(string text)
    {
        ConfigurationOutcome configuration = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(text), "config.json");
        return configuration is ConfigurationOutcome.Invalid invalid ? throw new InvalidOperationException(string.Join('\n', invalid.Errors)) : configuration;
    }

    private static string? Served(Resolution resolution) => Assert.IsType<Resolution.Found>(resolution).Binding.Organization;
}
