using System.Text.Json;
using Ark.Core.Configuration;
using Ark.Core.Repositories;
using Ark.Core.Tokens;
using Ark.Daemon.Handlers;
using Ark.Testing.Aws;
using Ark.Tests.Aws;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

/// <summary>Repositories by organization: from a configuration to a stand-in that has ECR's rules.</summary>
public sealed class RepositoryHandlerTests : IAsyncLifetime
{
    private const string Id = "2ea25035-6aa4-42fb-9955-92288ea1b972";
    private const string Tbd = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    private const string Other = "210987654321.dkr.ecr.us-east-1.amazonaws.com";
    private const string Wrong = "the request is not the JSON of its verb\n";

    private SomeCaller _caller = null!;
    private DispatcherFixture _fixture = null!;

    public async ValueTask InitializeAsync()
    {
        _caller = await SomeCaller.StartAsync();
        _caller.Home.WriteAwsConfig(
            $"""
            [profile tbd]
            aws_access_key_id = {SomeCaller.KeyId}
            aws_secret_access_key = {SomeCaller.Secret}
            [profile broken]
            region = eu-west-1
            """);
        _fixture = new DispatcherFixture(_caller.Access) { Configuration = () => Configuration() };
    }

    public ValueTask DisposeAsync()
    {
        _fixture.Dispose();
        return _caller.DisposeAsync();
    }

    [Fact]
    public async Task A_repository_is_created_below_the_prefix_and_its_URL_is_ECRs_own()
    {
        Reply reply = await Ask(
            Verb.CreateRepository,
            $$"""{"organization":"{{Id.ToUpperInvariant()}}","name":"catalog/web","host":null,"ifNotExists":false}""");

        StandInRepository repository = Assert.Single(_caller.Aws.Repositories);
        Assert.Equal((0, $"{repository.Uri}\n", ""), (reply.ExitCode, reply.Out(), reply.Error()));
        Assert.Equal($"{Tbd}/prod/{Id}/catalog/web", repository.Uri);
        Assert.Contains($"repository created url={repository.Uri} organization=tbd", _fixture.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_exists_fails_or_gives_its_URL_with_a_note()
    {
        const string Payload = """{"organization":"tbd","name":"web"}""";
        await Ask(Verb.CreateRepository, Payload);

        Reply again = await Ask(Verb.CreateRepository, Payload);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("ark: hint: use it as it is; --if-not-exists takes that for success", again.Error(), StringComparison.Ordinal);

        Reply tolerant = await Ask(Verb.CreateRepository, """{"organization":"tbd","name":"web","ifNotExists":true}""");
        string url = $"{Tbd}/prod/{Id}/web";
        Assert.Equal((0, $"{url}\n", $"ark: note: {url} existed already\n"), (tolerant.ExitCode, tolerant.Out(), tolerant.Error()));
    }

    [Fact]
    public async Task A_name_that_ECR_would_refuse_is_refused_before_anybody_is_asked()
    {
        Reply reply = await Ask(Verb.CreateRepository, """{"organization":"tbd","name":"Web"}""");

        Assert.Equal(
            (1, $"\"prod/{Id}/Web\" is no repository name: 'W' is an upper-case letter (character 43)\n"), (reply.ExitCode, reply.Out()));
        Assert.Empty(_caller.Aws.Log);
    }

    [Fact]
    public async Task A_repository_is_deleted_by_force_only_where_that_is_said()
    {
        _caller.Aws.AddRepository($"prod/{Id}/web", hasImages: true);

        Assert.Equal(1, (await Ask(Verb.DeleteRepository, """{"organization":"tbd","name":"web","force":false}""")).ExitCode);
        Reply forced = await Ask(Verb.DeleteRepository, """{"organization":"tbd","name":"web","force":true}""");

        Assert.Equal((0, $"{Tbd}/prod/{Id}/web\n"), (forced.ExitCode, forced.Out()));
        Assert.Empty(_caller.Aws.Repositories);
        Assert.Contains("repository deleted", _fixture.Log.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tbd", null, $"{Tbd}/prod/{Id}/web")]
    [InlineData("tbd", "docker.example.com", $"docker.example.com/prod/{Id}/web")]
    [InlineData("tbd", "https://DOCKER.example.com/", $"docker.example.com/prod/{Id}/web")]
    [InlineData("second", null, $"{Other}/web")]
    public async Task Where_a_repository_would_be_is_known_without_AWS(string organization, string? host, string url)
    {
        Reply reply = await Ask(Verb.LocateRepository, JsonSerializer.Serialize(new { organization, name = "web", host }));

        Assert.Equal((0, $"{url}\n", ""), (reply.ExitCode, reply.Out(), reply.Error()));
        Assert.Empty(_caller.Aws.Log);
    }

    [Theory]
    [InlineData("nobody", null, "the configuration has no organization 'nobody'")]
    [InlineData("gallery", null, "organization gallery has no private ECR registry, only ecr-public")]
    [InlineData(
        "gallery",
        "public.ecr.aws",
        "public.ecr.aws of organization gallery is of type ecr-public, whose repositories ark does not manage")]
    [InlineData("tbd", "elsewhere.example.com", "organization tbd has no registry 'elsewhere.example.com'")]
    [InlineData("tbd", "no host", "organization tbd has no registry 'no host'")]
    public async Task A_registry_that_is_none_of_ours_to_manage_is_said_so(string organization, string? host, string message)
    {
        Reply reply = await Ask(Verb.CreateRepository, JsonSerializer.Serialize(new { organization, name = "web", host }));

        Assert.Equal((1, $"{message}\n"), (reply.ExitCode, reply.Out()));
        Assert.Empty(_caller.Aws.Log);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"organization":"tbd","name":"web"} {}""")]
    [InlineData("""{"organization":"tbd","name":"web","name":"api"}""")]
    [InlineData("""{"organization":"tbd","name":7}""")]
    [InlineData("""{"organization":"tbd","name":"web","force":"yes"}""")]
    [InlineData("""{"organization":"tbd","name":{"a":"b"}}""")]
    [InlineData("""{"organization":"tbd","name":"web","unknown":1}""")]
    [InlineData("""{"organization":"tbd","registry":-1}""")]
    [InlineData("""{"organization":"tbd","registry":0.5}""")]
    [InlineData("""{"organization":"tbd","name":"\ud800"}""")]
    [InlineData("""{"organization":"tbd","name":"web",}""")]
    public async Task A_payload_of_another_shape_is_refused(string payload)
    {
        Reply reply = await Ask(Verb.DeleteRepository, payload);

        Assert.Equal((1, Wrong), (reply.ExitCode, reply.Out()));
        Assert.Empty(_caller.Aws.Log);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_stops_all_of_them()
    {
        _fixture.Configuration = () => ConfigurationFile.Parse("{"u8, "config.json");

        foreach (Verb verb in (Verb[])[Verb.ListRepositories, Verb.CreateRepository, Verb.DeleteRepository, Verb.LocateRepository])
        {
            Assert.Contains("config.json:1:", (await Ask(verb, """{"organization":"tbd","name":"web"}""")).Out(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_organization_is_listed_with_its_id_and_whole_URLs()
    {
        _caller.Aws.AddRepository($"prod/{Id}/web");
        _caller.Aws.AddRepository("prod/another/web");

        Reply reply = await Ask(Verb.ListRepositories, """{"organization":"tbd","registry":0,"nextToken":null}""");

        Assert.Equal(
            $$"""{"repositories":[{"organization":"tbd","id":"{{Id}}","url":"{{Tbd}}/prod/{{Id}}/web"}],"nextToken":null}""" + "\n",
            reply.Out());
    }

    [Theory]
    [InlineData(0, "other,production/x")]
    [InlineData(1, "prod/web")]
    [InlineData(2, "prod/web/deep")]
    public async Task Each_repository_is_listed_once_with_the_longest_prefix_at_its_host(int registry, string expected)
    {
        foreach (string name in (string[])["prod/web", "prod/web/deep", "production/x", "other"])
        {
            _caller.Aws.AddRepository(name);
        }

        string source = $$"""{"type": "ecr", "profile": "tbd", "endpoint": "{{_caller.Endpoint}}"}""";
        _fixture.Configuration = () => ConfigurationFile.Parse(
            System.Text.Encoding.UTF8.GetBytes(
                $$"""
                {"organizations": [{"name": "tbd", "registries": [
                  {"hosts": ["{{Tbd}}"], "source": {{source}}},
                  {"hosts": ["{{Tbd}}"], "repositoryPrefix": "prod", "source": {{source}}},
                  {"hosts": ["{{Tbd}}"], "repositoryPrefix": "prod/web", "source": {{source}}},
                  {"hosts": ["{{Other}}"], "repositoryPrefix": "other", "source": {{source}}}]}]}
                """),
            "config.json");

        using var page = JsonDocument.Parse(
            (await Ask(Verb.ListRepositories, $$"""{"organization":"tbd","registry":{{registry}}}""")).Out());

        Assert.Equal(
            expected.Split(',').Select(name => $"{Tbd}/{name}").Order(StringComparer.Ordinal),
            page.RootElement.GetProperty("repositories").EnumerateArray().Select(one => one.GetProperty("url").GetString()!)
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(9, "organization tbd has 2 registries, and none at 9")]
    [InlineData(0, null)]
    public async Task A_registry_is_named_by_its_place(int place, string? message)
    {
        Reply reply = await Ask(Verb.ListRepositories, $$"""{"organization":"tbd","registry":{{place}}}""");

        Assert.Equal(message is null ? 0 : 1, reply.ExitCode);
        Assert.StartsWith(message ?? "{\"repositories\":[]", reply.Out(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repositories_come_page_by_page()
    {
        for (int i = 0; i < 1001; i++)
        {
            _caller.Aws.AddRepository($"prod/{Id}/r{i}");
        }

        var urls = new List<string>();
        string? token = null;
        do
        {
            Reply reply = await Ask(
                Verb.ListRepositories, JsonSerializer.Serialize(new { organization = "tbd", registry = 0, nextToken = token }));
            using var page = JsonDocument.Parse(reply.Out());
            urls.AddRange(page.RootElement.GetProperty("repositories").EnumerateArray().Select(one => one.GetProperty("url").GetString()!));
            token = page.RootElement.GetProperty("nextToken").GetString();
        }
        while (token is not null);

        Assert.Equal(1001, urls.Distinct().Count());
    }

    [Fact]
    public async Task A_named_organization_that_fails_fails()
    {
        Reply reply = await Ask(Verb.ListRepositories, """{"organization":"broken"}""");

        Assert.Equal(1, reply.ExitCode);
        Assert.StartsWith("the profile 'broken' holds no credentials", reply.Out(), StringComparison.Ordinal);
        Assert.Contains("organization=broken", _fixture.Log.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*.example.com", "docker.example.com", "docker.example.com/web")]
    [InlineData("*.example.com", "*.example.org", $"{Tbd}/web")]
    public void A_pattern_is_no_host_to_push_to(string first, string second, string url)
    {
        var registry = new Registry([first, second], "", SomeCaller.Source(), RefreshPolicy.Default, RepositoryDefaults.None);

        Assert.Equal(url, new RepositoryTarget(new Organization("tbd", null, [registry]), registry, SomeCaller.Source()).UrlOf("web"));
    }

    [Theory]
    [InlineData("second", null, "web", $"{Other}/web")]
    [InlineData(null, "second", "web", $"{Other}/web")]
    [InlineData(null, null, $"{Tbd}/prod/{Id}/web", $"{Tbd}/prod/{Id}/web")]
    [InlineData(null, null, $"https://{Other}/a/b", $"{Other}/a/b")]
    [InlineData(null, "second", $"{Tbd}/prod/{Id}/web", null)]
    [InlineData(null, null, "999999999999.dkr.ecr.eu-west-1.amazonaws.com/web", "999999999999.dkr.ecr.eu-west-1.amazonaws.com/web")]
    [InlineData("second", null, "catalog.v2/web", $"{Other}/catalog.v2/web")]
    [InlineData(null, null, $"{Tbd}/web", null)]
    [InlineData(null, null, "public.ecr.aws/web", null)]
    [InlineData(null, null, "web", null)]
    public async Task Whose_repository_is_meant_is_decided_by_what_is_there(string? option, string? variable, string name, string? url)
    {
        string payload = option is null ? $$"""{"name":"{{name}}"}""" : $$"""{"organization":"{{option}}","name":"{{name}}"}""";

        Reply reply = variable is null
            ? await Ask(Verb.LocateRepository, payload)
            : await _fixture.Ask(Verb.LocateRepository, payload, ("ARK_ORGANIZATION", variable));

        Assert.Equal(url is null ? 1 : 0, reply.ExitCode);
        Assert.Equal(url ?? "", url is null ? "" : reply.Out().TrimEnd());
    }

    [Fact]
    public async Task A_name_outside_of_its_organizations_prefix_is_refused_with_both_ways_to_write_it()
    {
        Reply reply = await Ask(Verb.CreateRepository, $$"""{"name":"{{Tbd}}/web"}""");

        Assert.Equal($"{Tbd}/web is not below prod/{Id}, where organization tbd has its repositories\n", reply.Out());
        Assert.Contains($"ark: hint: name {Tbd}/prod/{Id}/web, or only web\n", reply.Error(), StringComparison.Ordinal);
        Assert.Empty(_caller.Aws.Repositories);
    }

    [Fact]
    public async Task Where_nothing_decides_the_organizations_are_listed()
    {
        Reply reply = await Ask(Verb.CreateRepository, """{"name":"web"}""");

        Assert.Equal(
            "several organizations are configured, and none is chosen: tbd, broken, gallery, second\n", reply.Out());
        Assert.Contains("add --organization tbd, or choose one for all commands: ark use tbd", reply.Error(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_configuration_a_repository_is_created_as_the_caller()
    {
        _fixture.Configuration = static () => new ConfigurationOutcome.Loaded(ArkConfiguration.Empty);
        _caller.Variables["AWS_PROFILE"] = "tbd";
        _caller.Variables["AWS_ENDPOINT_URL_ECR"] = _caller.Endpoint;

        Reply reply = await Ask(Verb.CreateRepository, $$"""{"name":"{{Tbd}}/team/web"}""");
        Reply unnamed = await Ask(Verb.CreateRepository, """{"name":"web"}""");

        Assert.Equal((0, $"{Tbd}/team/web\n"), (reply.ExitCode, reply.Out()));
        Assert.Equal("no organizations are configured\n", unnamed.Out());
    }

    private ConfigurationOutcome Configuration() => ConfigurationFile.Parse(
        System.Text.Encoding.UTF8.GetBytes(
            $$$"""
            {"organizations": [
              {"name": "tbd", "id": "{{{Id}}}", "registries": [
                {"hosts": ["{{{Tbd}}}"], "repositoryPrefix": "prod/{{{Id}}}",
                 "source": {"type": "ecr", "profile": "tbd", "endpoint": "{{{_caller.Endpoint}}}"}},
                {"hosts": ["docker.example.com"], "repositoryPrefix": "prod/{{{Id}}}",
                 "source": {"type": "ecr", "profile": "tbd", "accountId": "123456789012", "region": "eu-west-1",
                   "endpoint": "{{{_caller.Endpoint}}}"}}]},
              {"name": "broken", "registries": [{"hosts": ["123456789012.dkr.ecr.eu-central-1.amazonaws.com"],
                 "source": {"type": "ecr", "profile": "broken", "endpoint": "{{{_caller.Endpoint}}}"}}]},
              {"name": "gallery", "registries": [{"hosts": ["public.ecr.aws"], "source": {"type": "ecr-public", "profile": "tbd"}}]},
              {"name": "second", "registries": [{"hosts": ["{{{Other}}}"],
                 "source": {"type": "ecr", "profile": "tbd", "endpoint": "{{{_caller.Endpoint}}}"}}]}]}
            """),
        "config.json");

    private Task<Reply> Ask(Verb verb, string payload) =>
        _fixture.Ask(verb, payload, [.. _caller.Variables.Select(variable => (variable.Key, variable.Value))]);
}
