using System.Runtime.Versioning;
using System.Text.Json;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary>Looking at the configuration, choosing in it, and having one proposed.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OrganizationTests
{
    [Fact]
    public async Task The_organizations_are_listed_and_shown_and_the_map_is_sound()
    {
        await using var user = await PeopleFixture.StartAsync();

        Assert.Equal(
            $"""
            name  id                                    registries
            acme  {PeopleFixture.Acme}  1           default
            beta  {PeopleFixture.Beta}  1

            """,
            await user.Gets("ark org list"));
        Assert.Equal(
            $"""
            name  beta
            id    {PeopleFixture.Beta}

            hosts         {PeopleFixture.Host}
            repositories  below {PeopleFixture.BetaPrefix}/
            source        ecr
            identity      profile work, {PeopleFixture.BetaRole}

            """,
            await user.Gets($"ark org show {PeopleFixture.Beta.ToUpperInvariant()}"));
        using var json = JsonDocument.Parse(await user.Gets("ark org list --json"));
        Assert.Equal(["acme", "beta"], json.RootElement.GetProperty("organizations").EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        Assert.Equal($"{user.Home.ConfigurationFile}: valid, 2 organizations, 1 host\n", await user.Gets("ark org validate"));
    }

    [Fact]
    public async Task A_map_that_is_wrong_is_told_with_its_line_before_it_is_in_force()
    {
        await using var user = await PeopleFixture.StartAsync();
        var draft = user.Home.Write("draft.json", "{\n  \"organisations\": []\n}\n");

        var wrong = await user.Types("cd && ark org validate draft.json");

        Assert.Equal(1, wrong.ExitCode);
        Assert.StartsWith($"{draft}:2:", wrong.OutputText, StringComparison.Ordinal);
        Assert.Contains("organizations", wrong.OutputText, StringComparison.Ordinal);
        Assert.StartsWith("ark: hint: ", wrong.ErrorText, StringComparison.Ordinal);
        await user.Gets("ark org list");
    }

    [Fact]
    public async Task The_organization_in_use_answers_where_both_could()
    {
        await using var user = await PeopleFixture.StartAsync();

        Assert.Equal("in use   none\ndefault  acme\n", await user.Gets("ark use"));
        Assert.Equal(await user.Gets($"ark token {PeopleFixture.Host}"), $"{user.TokenOf("acme").Password}\n");
        Assert.Equal("using beta where several organizations match\n", await user.Gets("ark use beta"));
        Assert.Equal(await user.Gets($"ark token {PeopleFixture.Host}"), $"{user.TokenOf("beta").Password}\n");
        Assert.Contains("in use", await user.Gets("ark org list"), StringComparison.Ordinal);
        Assert.Equal("in use   beta\ndefault  acme\n", await user.Gets("ark use"));

        // A path of acme's and acme's name come first.
        Assert.Equal(await user.Gets($"ark token {PeopleFixture.Host}/{PeopleFixture.AcmePrefix}/app:1"), $"{user.TokenOf("acme").Password}\n");
        Assert.Equal(await user.Gets($"ARK_ORGANIZATION=acme ark token {PeopleFixture.Host}"), $"{user.TokenOf("acme").Password}\n");

        await user.Gets("ark use --none");
        Assert.Equal(await user.Gets($"ark token {PeopleFixture.Host}"), $"{user.TokenOf("acme").Password}\n");
        var unknown = await user.Types("ark use gamma");
        Assert.Equal((1, ""), (unknown.ExitCode, unknown.OutputText));
        Assert.StartsWith($"ark: error: no organization \"gamma\" in {user.Home.ConfigurationFile}\nark: hint: ", unknown.ErrorText, StringComparison.Ordinal);
        user.HoldNoPassword(unknown.ErrorText);
    }

    [Fact]
    public async Task Where_nothing_chooses_people_are_told_between_whom_and_clients_that_there_is_nothing()
    {
        await using var user = await PeopleFixture.StartAsync();
        user.Home.WriteConfiguration((await File.ReadAllTextAsync(user.Home.ConfigurationFile)).Replace("\"defaultOrganization\":\"acme\",", "", StringComparison.Ordinal));

        foreach (var line in (string[])[$"ark token {PeopleFixture.Host}", $"ark token --json {PeopleFixture.Host}", $"ark show {PeopleFixture.Host}/app", $"ark refresh {PeopleFixture.Host}"])
        {
            var person = await user.Types(line);
            Assert.Equal(1, person.ExitCode);
            Assert.Matches(line.Contains("--json", StringComparison.Ordinal) ? """^{"error":{"code":"organization-ambiguous",[^\n]+}}\n$""" : "^$", person.OutputText);
            Assert.Matches("^ark: error: [^\n]*acme[^\n]*beta[^\n]*\nark: hint: [^\n]+\nark: code: organization-ambiguous\n$", person.ErrorText);
        }

        var client = await user.Types("docker-credential-ark get", PeopleFixture.Host);
        Assert.Equal((1, PeopleFixture.NotFound), (client.ExitCode, client.OutputText));
        Assert.Matches("^ark: note: [^\n]*acme[^\n]*beta[^\n]*\nark: code: organization-ambiguous\n$", client.ErrorText);
        Assert.Empty(user.Aws.Issued);
    }

    [Fact]
    public async Task A_first_configuration_is_proposed_from_the_profiles_is_valid_and_serves()
    {
        await using var user = await PeopleFixture.StartAsync();
        File.Delete(user.Home.ConfigurationFile);
        user.Aws.AddRole("arn:aws:iam::210987654321:role/deploy");
        user.Home.WriteAwsConfig($"""
            [profile work]
            region = us-east-1
            endpoint_url = {user.Aws.Endpoint}
            [profile Customer One]
            role_arn = arn:aws:iam::210987654321:role/deploy
            source_profile = work
            region = eu-west-1
            endpoint_url = {user.Aws.Endpoint}
            [profile nowhere]
            output = json

            """);

        var asked = await user.Types("ark init");
        Assert.Equal(1, asked.ExitCode);
        Assert.Contains("ark: hint: add --yes\n", asked.ErrorText, StringComparison.Ordinal);
        Assert.False(File.Exists(user.Home.ConfigurationFile));

        var wrote = await user.Types("ark init --yes");
        Assert.True(wrote.ExitCode == 0, $"{wrote}");
        Assert.Contains("ark: note: profile 'nowhere' is left out: ", wrote.ErrorText, StringComparison.Ordinal);
        Assert.EndsWith($"wrote {user.Home.ConfigurationFile}\nnext: ark setup\n", wrote.OutputText, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(user.Home.ConfigurationFile)!, "ark.schema.json")));
        Assert.Equal($"{user.Home.ConfigurationFile}: valid, 2 organizations, 2 hosts\n", await user.Gets("ark org validate"));

        // The profiles' own endpoint went into the configuration, without which ECR would be asked where it always is.
        Assert.Equal(await user.Gets("ark token 210987654321.dkr.ecr.eu-west-1.amazonaws.com"), $"{user.TokenOf("deploy").Password}\n");

        var again = await user.Types("ark init --yes");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains(" exists already\n", again.ErrorText, StringComparison.Ordinal);
        Assert.EndsWith(".bak\nnext: ark setup\n", (await user.Types("ark init --yes --force")).OutputText, StringComparison.Ordinal);
        user.HoldNoPassword(wrote.OutputText, wrote.ErrorText);
    }
}
