using System.Text;
using System.Text.Json;
using Ark.Core.Configuration;
using Ark.Messages;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class ExplainTests : IDisposable
{
    private const string Shared = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

    private readonly DispatcherFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(Shared, "", "", null, "ambiguous", null, null)]
    [InlineData(Shared, "", "", "beta", "served", "beta", "executable")]
    [InlineData(Shared, "", "beta", null, "served", "beta", "ARK_ORGANIZATION")]
    [InlineData($"{Shared}/prod/beta/app:1.2", "", "", null, "served", "beta", "repository-prefix")]
    [InlineData($"{Shared}/elsewhere/app", "", "", null, "ambiguous", null, null)]
    [InlineData(Shared, """ "defaultOrganization": "acme", """, "", null, "served", "acme", "default-organization")]
    [InlineData(Shared, "", "nobody", null, "stopped", null, null)]
    [InlineData("docker.example.com", "", "", null, "served", "acme", "only-organization")]
    [InlineData("210987654321.dkr.ecr.eu-west-1.amazonaws.com", "", "", null, "served", null, "caller")]
    [InlineData("ghcr.io/some/image", "", "", null, "not-served", null, null)]
    [InlineData("not a host", "", "", null, "not-served", null, null)]
    public async Task Who_answers_for_a_registry_is_told_with_what_decided_it(
        string registry, string settings, string variable, string? organization, string state, string? answers, string? decidedBy)
    {
        _fixture.Configuration = () => TwoOrganizations(settings);

        RegistryExplanation explanation = await Explain(new ExplainRequest(registry, organization), variable);

        Assert.Equal((state, answers, decidedBy), (explanation.State, explanation.Organization, explanation.DecidedBy));
        Assert.Equal(registry.StartsWith(Shared, StringComparison.Ordinal) ? ["acme", "beta"] : explanation.Candidates, explanation.Candidates);
        Assert.Equal(state is "ambiguous" or "stopped", explanation.Problem is { Hint: not null });
        Assert.Equal(0, _fixture.Source.Calls);
    }

    [Fact]
    public async Task Where_the_credentials_come_from_is_told_without_a_secret()
    {
        _fixture.Configuration = () => TwoOrganizations("");

        Assert.Equal(new SourceEntry("ecr", "profile acme"), (await Explain(new ExplainRequest("docker.example.com"))).Source);
        Assert.Equal(
            new SourceEntry("ecr", "your AWS settings"),
            (await Explain(new ExplainRequest("210987654321.dkr.ecr.eu-west-1.amazonaws.com"))).Source);
    }

    [Fact]
    public async Task A_request_that_is_no_JSON_is_refused()
    {
        Reply reply = await _fixture.Ask(Verb.Explain, "SENTINEL");

        Assert.Equal(1, reply.ExitCode);
        Assert.DoesNotContain("SENTINEL", reply.Error(), StringComparison.Ordinal);
    }

    private static ConfigurationOutcome TwoOrganizations(string settings) => ConfigurationFile.Parse(
        Encoding.UTF8.GetBytes($$"""
            { {{settings}} "organizations": [
                { "name": "acme", "registries": [
                    { "hosts": ["{{Shared}}"], "repositoryPrefix": "prod/acme", "source": { "type": "ecr", "profile": "acme" } },
                    { "hosts": ["docker.example.com"],
                      "source": { "type": "ecr", "profile": "acme", "accountId": "123456789012", "region": "eu-west-1" } }] },
                { "name": "beta", "registries": [
                    { "hosts": ["{{Shared}}"], "repositoryPrefix": "prod/beta", "source": { "type": "ecr", "profile": "beta" } }] }] }
            """),
        "config.json");

    private async Task<RegistryExplanation> Explain(ExplainRequest request, string organization = "")
    {
        string payload = JsonSerializer.Serialize(request, MessagesJson.Default.ExplainRequest);
        Reply reply = organization.Length == 0
            ? await _fixture.Ask(Verb.Explain, payload)
            : await _fixture.Ask(Verb.Explain, payload, ("ARK_ORGANIZATION", organization));
        Assert.Equal(0, reply.ExitCode);
        return JsonSerializer.Deserialize(reply.Stdout, MessagesJson.Default.RegistryExplanation)!;
    }
}
