using System.Buffers.Text;
using System.Text.Json;
using Ark.EndToEnd.Clients;
using Ark.EndToEnd.Faults;
using Ark.Testing;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Ark.EndToEnd.Organizations;

/// <summary>
/// Two organizations with roles of their own on one host, and a third that is broken, through the published programs. Which of them
/// answered is read off at AWS: whose session asked for the token.
/// </summary>
public sealed class OrganizationEndToEndTests
{
    private const string Host = DaemonFixture.Host;
    private const string BrokenHost = "210987654321.dkr.ecr.us-east-1.amazonaws.com";

    [Theory]
    [InlineData("docker-credential-ark-blue", null, Host, "blue")]
    [InlineData("docker-credential-ark-green", "green", Host, "green")]
    [InlineData("docker-credential-ark", "green", Host, "green")]
    [InlineData("docker-credential-ark", null, Host + "/prod/blue/app", "blue")]
    [InlineData("docker-credential-ark", null, "https://" + Host + "/v2/prod/green/app/manifests/1", "green")]
    public async Task Each_organization_gets_its_own_identity(string program, string? variable, string asked, string organization)
    {
        await using var place = await TwoOrganizations.OpenAsync();
        if (variable is not null)
        {
            place.DaemonFixture.Variables["ARK_ORGANIZATION"] = variable;
        }

        var answer = await place.GetAsync(program, asked);

        Assert.True(answer.ExitCode == 0, answer.ToString());
        Assert.Equal(organization, place.WhoAsked(answer));
        Assert.Equal("", answer.ErrorText);
    }

    [Fact]
    public async Task With_nothing_to_choose_by_the_candidates_are_on_stderr_and_not_found_is_on_stdout()
    {
        await using var place = await TwoOrganizations.OpenAsync();

        var answer = await place.GetAsync("docker-credential-ark", Host);

        Assert.Equal((1, DaemonFixture.NotFound), (answer.ExitCode, answer.OutputText));
        Assert.Contains("blue, green", answer.ErrorText, StringComparison.Ordinal);
        Assert.EndsWith("\nark: code: organization-ambiguous\n", answer.ErrorText, StringComparison.Ordinal);
        Assert.Equal(2, answer.ErrorText.Count(c => c == '\n'));
        Assert.Equal(0, place.DaemonFixture.Aws.Calls(DaemonFixture.Token));
    }

    [Fact]
    public async Task One_broken_organization_breaks_no_other()
    {
        await using var place = await TwoOrganizations.OpenAsync();

        var own = await place.GetAsync("docker-credential-ark", BrokenHost);
        Assert.Equal(1, own.ExitCode);
        Assert.NotEqual(DaemonFixture.NotFound, own.OutputText);
        Assert.Contains("profile 'nowhere'", own.ErrorText, StringComparison.Ordinal);
        Assert.Contains("ark: hint: ", own.ErrorText, StringComparison.Ordinal);

        Assert.Equal("blue", place.WhoAsked(await place.GetAsync("docker-credential-ark", $"{Host}/prod/blue/app")));
        var list = await place.DaemonFixture.Home.RunAsync(Programs.Helper, ["list"]);
        Assert.Equal(0, list.ExitCode);
        Assert.DoesNotContain(BrokenHost, list.OutputText, StringComparison.Ordinal);
        Assert.Contains("alone.example.com", list.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Docker_py_builds_although_an_organization_that_the_build_does_not_need_is_broken()
    {
        string python = await PythonWithDocker();
        await using var place = await TwoOrganizations.OpenAsync();
        TemporaryHome home = place.DaemonFixture.Home;
        home.Write(".docker/config.json", $$$"""{ "credHelpers": { "{{{BrokenHost}}}": "ark", "alone.example.com": "ark" } }""");
        home.Variables["PATH"] = $"{Programs.PublishDirectory}:/usr/bin:/bin";

        // What docker-py does before each build, and what it sends to the engine.
        ProgramResult build = await home.RunAsync(
            python, ["-c", "import docker.auth as a; print([k for k, v in a.load_config().get_all_credentials().items() if v])"]);

        Assert.True(build.ExitCode == 0, build.ToString());
        Assert.Equal("['alone.example.com']\n", build.OutputText);
        Assert.Contains("ark: error: ", build.ErrorText, StringComparison.Ordinal);
        Assert.Contains("profile 'nowhere'", build.ErrorText, StringComparison.Ordinal);
        Assert.Contains("ark: hint: ", build.ErrorText, StringComparison.Ordinal);
        ProgramResult status = await home.RunAsync(Programs.Ark, ["status", "--json"]);
        Assert.Contains("nowhere", status.OutputText, StringComparison.Ordinal);
    }

    /// <summary>So that no page promises it: pull and push need no login, and a program that calls it must bring a password.</summary>
    [Fact]
    public async Task Docker_py_finds_the_password_for_a_pull_and_sends_none_when_it_logs_in_without_one()
    {
        string python = await PythonWithDocker();
        await using var place = await TwoOrganizations.OpenAsync();
        TemporaryHome home = place.DaemonFixture.Home;
        home.Write(".docker/config.json", """{ "credHelpers": { "https://alone.example.com": "ark", "alone.example.com": "ark" } }""");
        home.Variables["PATH"] = $"{Programs.PublishDirectory}:/usr/bin:/bin";

        ProgramResult result = await home.RunAsync(python, ["-c", """
            import docker
            client = docker.APIClient(base_url="tcp://127.0.0.1:1", version="1.41")
            print(bool(client._auth_configs.resolve_authconfig("alone.example.com")["Password"]))
            class Accepted:
                status_code = 200
                def raise_for_status(self): pass
                def json(self): return {}
            def post(url, data=None, **more):
                print(url.rsplit("/", 1)[1], data["username"], data["password"])
                return Accepted()
            client._post_json = post
            client.login(username="AWS", registry="https://alone.example.com")
            """]);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("True\nauth AWS None\n", result.OutputText);
    }

    [Fact]
    public async Task Dockers_classic_builder_keeps_the_credentials_of_the_others_when_an_organization_is_broken()
    {
        string? docker = Programs.Find("docker", Environment.GetEnvironmentVariable("PATH") ?? "");
        Assert.SkipWhen(docker is null, "docker's client is not installed (scripts/test takes it out of Debian's package)");
        string sent = "";
        await using var engine = await LoopbackServer.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            sent = context.Request.Headers["X-Registry-Config"].ToString() is { Length: > 0 } header ? header : sent;
            context.Response.Headers["API-Version"] = "1.41";
            await context.Response.WriteAsync("{}", context.RequestAborted);
        });
        await using var place = await TwoOrganizations.OpenAsync();
        TemporaryHome home = place.DaemonFixture.Home;
        home.Write(".docker/config.json", $$$"""{ "credHelpers": { "{{{BrokenHost}}}": "ark", "alone.example.com": "ark" } }""");
        home.Write("app/Dockerfile", "FROM scratch\n");
        home.Variables["PATH"] = $"{Programs.PublishDirectory}:/usr/bin:/bin";
        home.Variables["DOCKER_BUILDKIT"] = "0";
        home.Variables["DOCKER_HOST"] = $"tcp://{engine.Endpoint.Authority}";

        ProgramResult build = await home.RunAsync(docker!, ["build", Path.Combine(home.Home, "app")]);

        Assert.True(build.ExitCode == 0, build.ToString());
        Assert.Contains("profile 'nowhere'", build.ErrorText, StringComparison.Ordinal);
        Assert.Contains("ark: hint: ", build.ErrorText, StringComparison.Ordinal);

        // The engine gets an empty entry for the one and a password for the other. An error would be a warning of docker 28, and in docker
        // 20.10 no credentials at all.
        Assert.DoesNotContain("Failed to get credentials", build.ErrorText, StringComparison.Ordinal);
        using var credentials = JsonDocument.Parse(Base64Url.DecodeFromChars(sent));
        Assert.Equal("AWS", credentials.RootElement.GetProperty("alone.example.com").GetProperty("username").GetString());
        Assert.False(credentials.RootElement.GetProperty(BrokenHost).TryGetProperty("password", out _));
    }

    [Fact]
    public async Task A_login_with_an_ECR_token_succeeds_and_keeps_nothing_on_a_host_that_nobody_is_chosen_for()
    {
        await using var client = await RealClient.OpenAsync("docker", setUp: false);
        await using var place = TwoOrganizations.In(client.DaemonFixture);
        client.DaemonFixture.Home.Write(".docker/config.json", $$"""{ "credHelpers": { "{{Host}}": "ark" } }""");
        ProgramResult password = await client.DaemonFixture.Home.RunAsync(Programs.Ark, ["token", $"{Host}/prod/blue/app"]);

        ProgramResult login = await client.DaemonFixture.Home.RunAsync(
            client.Client, ["login", "--username", "AWS", "--password-stdin", Host], password.OutputText);

        Assert.True(login.ExitCode == 0, login.ToString());
        Assert.Contains("Login Succeeded", login.OutputText, StringComparison.Ordinal);
        client.HoldsNoToken();
    }

    [Fact]
    public async Task A_variable_wins_over_the_name_of_the_helper_in_dockers_file_and_docker_shows_it()
    {
        await using var client = await RealClient.OpenAsync("docker", setUp: false);
        await using var place = TwoOrganizations.In(client.DaemonFixture);
        client.DaemonFixture.Home.Write(".docker/config.json", $$"""{ "credHelpers": { "{{Host}}": "ark-blue" } }""");
        client.DaemonFixture.Variables["ARK_ORGANIZATION"] = "green";

        ProgramResult inspect = await client.Run("manifest", "inspect", RealClient.Image);

        Assert.True(inspect.ExitCode == 0, inspect.ToString());
        Assert.Equal("green", place.LastToAsk);
        Assert.Contains(
            "ark: note: ARK_ORGANIZATION chooses green, not docker-credential-ark-blue as docker's file says",
            inspect.ErrorText,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Docker_is_served_as_each_organization_by_the_name_of_the_helper_and_by_the_variable()
    {
        await using var client = await RealClient.OpenAsync("docker", setUp: false);
        await using var place = TwoOrganizations.In(client.DaemonFixture);

        client.DaemonFixture.Home.Write(".docker/config.json", $$"""{ "credHelpers": { "{{Host}}": "ark-blue" } }""");
        await client.Runs("manifest", "inspect", RealClient.Image);
        Assert.Equal("blue", place.LastToAsk);

        client.DaemonFixture.Home.Write(".docker/config.json", $$"""{ "credHelpers": { "{{Host}}": "ark" } }""");
        client.DaemonFixture.Variables["ARK_ORGANIZATION"] = "green";
        await client.Runs("manifest", "inspect", RealClient.Image);
        Assert.Equal("green", place.LastToAsk);
        client.HoldsNoToken();
    }

    [Fact]
    public async Task Skopeo_is_served_as_each_organization_by_the_name_of_the_helper()
    {
        await using var client = await RealClient.OpenAsync("skopeo", setUp: false);
        await using var place = TwoOrganizations.In(client.DaemonFixture);

        foreach (var organization in (string[])["blue", "green"])
        {
            client.DaemonFixture.Home.Write(".config/containers/auth.json", $$"""{ "credHelpers": { "{{Host}}": "ark-{{organization}}" } }""");
            await client.Runs("inspect", $"docker://{RealClient.Image}");
            Assert.Equal(organization, place.LastToAsk);
        }

        client.HoldsNoToken();
    }

    [Fact]
    public async Task Crane_asks_for_the_repository_first_and_is_served_as_the_organization_whose_it_is()
    {
        await using var client = await RealClient.OpenAsync("crane", setUp: false);
        await using var place = TwoOrganizations.In(client.DaemonFixture);
        client.DaemonFixture.Home.Write(".docker/config.json", """{ "credsStore": "ark" }""");

        foreach (var organization in (string[])["blue", "green"])
        {
            client.Registry.Seed($"{Host}/prod/{organization}/app:1.0");
            await client.Runs("manifest", $"{Host}/prod/{organization}/app:1.0");
            Assert.Equal(organization, place.LastToAsk);
        }

        client.HoldsNoToken();
    }

    [Fact]
    public async Task An_edited_map_counts_from_the_next_request_on_and_a_removed_host_is_gone_at_once()
    {
        await using var place = await TwoOrganizations.OpenAsync();
        Assert.Equal("blue", place.WhoAsked(await place.GetAsync("docker-credential-ark", $"{Host}/prod/blue/app")));

        place.WriteConfiguration(configuration => configuration.Replace($"\"{Host}\", \"blue.example.com\"", "\"blue.example.com\"", StringComparison.Ordinal));

        Assert.Equal("green", place.WhoAsked(await place.GetAsync("docker-credential-ark", $"{Host}/prod/blue/app")));
        Assert.Equal(1, place.DaemonFixture.DaemonsStarted);
    }

    /// <summary>A Python that has docker-py, by its own path: a launcher of another name would be the helper's parent.</summary>
    private static async Task<string> PythonWithDocker()
    {
        // Some installations of Python have launchers that need to know where they are.
        Dictionary<string, string> environment = new[] { "PATH", "PYENV_ROOT" }
            .Where(name => Environment.GetEnvironmentVariable(name) is not null)
            .ToDictionary(name => name, name => Environment.GetEnvironmentVariable(name)!);
        foreach (string name in (string[])["python3", "/usr/bin/python3"])
        {
            string? found = Programs.Find(name, Environment.GetEnvironmentVariable("PATH") ?? "");
            if (found is null)
            {
                continue;
            }

            ProgramResult asked = await Programs.RunAsync(
                found, ["-c", "import sys, docker.auth; print(sys.executable)"], environment, directory: "/");
            if (asked.ExitCode == 0)
            {
                return asked.OutputText.Trim();
            }
        }

        Assert.Skip("docker-py is not installed (scripts/test installs python3-docker)");
        return "";
    }
}
