using System.Runtime.Versioning;
using System.Text.Json;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary>Repositories under ark's own name and under that of the catalog's tool.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RepositoryTests
{
    private const string AcmeUrl = $"{PeopleFixture.Host}/{PeopleFixture.AcmePrefix}", BetaUrl = $"{PeopleFixture.Host}/{PeopleFixture.BetaPrefix}";
    private const string Region = "us-east-1";

    [Fact]
    public async Task Repositories_are_created_once_with_those_above_them_located_and_deleted()
    {
        await using var user = await PeopleFixture.StartAsync();

        Assert.Equal($"{AcmeUrl}/app\n", await user.Gets("ark repo url app --organization acme"));
        Assert.Empty(user.Aws.Log);
        Assert.Equal($"{AcmeUrl}/app\n", await user.Gets("ark repo create app --organization acme"));
        Assert.Equal($"{BetaUrl}/app\n", await user.Gets($"ark repo create app --organization {PeopleFixture.Beta}"));
        var again = await user.Types("ark repo create app --organization acme");
        Assert.Equal((1, ""), (again.ExitCode, again.OutputText));
        Assert.StartsWith("ark: error: ", again.ErrorText, StringComparison.Ordinal);
        var content = await user.Types("ark repo create app --organization acme --if-not-exists");
        Assert.Equal((0, $"{AcmeUrl}/app\n", $"ark: note: {AcmeUrl}/app existed already\n"), (content.ExitCode, content.OutputText, content.ErrorText));

        Assert.Equal(
            $"{AcmeUrl}/spectro-packs/archive/nginx\n",
            await user.Gets("ark repo create spectro-packs/archive/nginx --parents --if-not-exists --organization acme"));
        Assert.Equal(
            ["app", "spectro-packs", "spectro-packs/archive", "spectro-packs/archive/nginx"],
            user.Aws.Repositories.Select(repository => repository.Name).Where(name => name.StartsWith(PeopleFixture.AcmePrefix, StringComparison.Ordinal)).Select(name => name[(PeopleFixture.AcmePrefix.Length + 1)..]).Order());

        var unsure = await user.Types("ark repo delete app --organization acme");
        Assert.Equal((1, "", "ark: error: refusing to delete without confirmation\nark: hint: add --yes\n"), (unsure.ExitCode, unsure.OutputText, unsure.ErrorText));
        Assert.Equal($"{AcmeUrl}/app\n", await user.Gets("ark repo delete app --organization acme --yes"));
        Assert.DoesNotContain(user.Aws.Repositories, repository => repository.Name == $"{PeopleFixture.AcmePrefix}/app");
        Assert.Contains(user.Aws.Repositories, repository => repository.Name == $"{PeopleFixture.BetaPrefix}/app");
    }

    [Fact]
    public async Task A_name_that_ECR_would_not_take_makes_nothing()
    {
        await using var user = await PeopleFixture.StartAsync();

        var result = await user.Types("ark repo create good/Bad --parents --organization acme");

        Assert.Equal((1, ""), (result.ExitCode, result.OutputText));
        Assert.StartsWith("ark: error: ", result.ErrorText, StringComparison.Ordinal);
        Assert.Empty(user.Aws.Repositories);
        Assert.Empty(user.Aws.Log);
    }

    [Theory]
    [InlineData("ark repo list")]
    [InlineData("ark repo list --organization 77777777-7777-4777-7777-777777777777")]
    [InlineData("ark-catalog-container-tool --list-repositories")]
    public async Task The_repositories_of_all_organizations_are_listed_as_the_catalogs_tool_does(string line)
    {
        await using var user = await PeopleFixture.StartAsync();
        AddRepositories(user);

        var result = await user.Types(line);

        Assert.Equal(
            (0, $"""
            Organization                         URL
            {PeopleFixture.Acme} {AcmeUrl}/catalog/extract-gps
            {PeopleFixture.Acme} {AcmeUrl}/catalog/extract-video
            {PeopleFixture.Beta} {BetaUrl}/tool

            """, ""),
            (result.ExitCode, result.OutputText, result.ErrorText));
    }

    [Theory]
    [InlineData("ark repo list")]
    [InlineData("ark-catalog-container-tool --list-repositories")]
    public async Task An_organization_that_is_broken_is_left_out_and_breaks_no_other(string line)
    {
        await using var user = await PeopleFixture.StartAsync(betaWorks: false);
        AddRepositories(user);

        var result = await user.Types(line);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{AcmeUrl}/catalog/extract-video\n", result.OutputText, StringComparison.Ordinal);
        Assert.DoesNotContain(PeopleFixture.Beta, result.OutputText, StringComparison.Ordinal);
        Assert.Matches("^ark: warning: beta is left out: [^\n]+\nark: hint: [^\n]+\n(ark: code: [a-z-]+\n)?$", result.ErrorText);

        Assert.Equal($"{AcmeUrl}/new\n", await user.Gets("ark repo create new --organization acme"));
        Assert.Equal(await user.Gets($"ark token {AcmeUrl}/new"), $"{user.TokenOf("acme").Password}\n");
        foreach (var broken in (string[])["ark repo create new --organization beta", $"ark token {BetaUrl}/tool"])
        {
            result = await user.Types(broken);
            Assert.Equal((1, ""), (result.ExitCode, result.OutputText));
            Assert.Contains("ark: hint: ", result.ErrorText, StringComparison.Ordinal);
        }

        user.HoldNoPassword(result.ErrorText);
    }

    [Fact]
    public async Task One_organization_is_listed_alone_and_as_JSON()
    {
        await using var user = await PeopleFixture.StartAsync();
        AddRepositories(user);

        Assert.Equal($"Organization                         URL\n{PeopleFixture.Beta} {BetaUrl}/tool\n", await user.Gets("ark repo list -o beta"));
        using var json = JsonDocument.Parse(await user.Gets("ark repo list --json"));
        var listed = json.RootElement.GetProperty("repositories").EnumerateArray().Select(each => each.GetProperty("url").GetString());
        Assert.Equal([$"{AcmeUrl}/catalog/extract-gps", $"{AcmeUrl}/catalog/extract-video", $"{BetaUrl}/tool"], listed);
    }

    [Fact]
    public async Task The_catalogs_tool_creates_and_logs_in_as_the_organization()
    {
        await using var user = await PeopleFixture.StartAsync();

        Assert.Equal($"{BetaUrl}/catalog/extract-video\n", await user.Gets($"ark-catalog-container-tool --create-repository catalog/extract-video --organization {PeopleFixture.Beta}"));
        var login = await user.Types($"ark-catalog-container-tool --login catalog/extract-video --organization {PeopleFixture.Beta}");

        Assert.Equal((0, $"{user.TokenOf("beta").Password}\n", ""), (login.ExitCode, login.OutputText, login.ErrorText));
        user.HoldNoPassword(login.ErrorText);
        var nobody = await user.Types("ark-catalog-container-tool --login catalog/extract-video --organization 00000000-0000-4000-8000-000000000000");
        Assert.Equal((1, ""), (nobody.ExitCode, nobody.OutputText));
    }

    private static void AddRepositories(PeopleFixture user)
    {
        foreach (var name in (string[])[
            $"{PeopleFixture.AcmePrefix}/catalog/extract-gps", $"{PeopleFixture.AcmePrefix}/catalog/extract-video", $"{PeopleFixture.BetaPrefix}/tool", "prod/outside", "other"])
        {
            user.Aws.AddRepository(name, region: Region);
        }
    }
}
