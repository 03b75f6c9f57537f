using Ark.Cli.Catalog;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class CatalogToolTests : IDisposable
{
    private const string Url = $"{The.Host}/prod/{SomeConfiguration.AcmeId}/catalog/extract-video";

    private readonly SomeUser _user = new();

    public CatalogToolTests() => _user.Daemon.Answer = (verb, payload) => verb switch
    {
        Verb.Organizations => FakeDaemon.Says(SomeConfiguration.Json()),
        Verb.ListRepositories when payload.Contains("acme", StringComparison.Ordinal) =>
            FakeDaemon.Says($$"""{"repositories":[{"organization":"{{SomeConfiguration.AcmeId}}","url":"{{Url}}"}],"nextToken":null}"""),
        Verb.ListRepositories => FakeDaemon.Says("""{"repositories":[],"nextToken":null}"""),
        Verb.Token => FakeDaemon.Says($"{The.Password}\n"),
        _ => FakeDaemon.Says($"{Url}\n"),
    };

    public void Dispose() => _user.Dispose();

    [Fact]
    public void Repositories_are_listed_as_that_tool_does()
    {
        Assert.Equal(0, _user.RunCatalogTool("--list-repositories"));
        Assert.Equal($"Organization                         URL\n{SomeConfiguration.AcmeId} {Url}\n", _user.Out);
        Assert.Equal("", _user.Error);
    }

    [Fact]
    public void Creating_prints_the_whole_URL()
    {
        Assert.Equal(0, _user.RunCatalogTool("--create-repository", "catalog/extract-video", "--organization", SomeConfiguration.AcmeId));
        Assert.Equal(($"{Url}\n", ""), (_user.Out, _user.Error));
        Assert.Equal(
            (Verb.CreateRepository, $$"""{"organization":"{{SomeConfiguration.AcmeId}}","name":"catalog/extract-video"}"""),
            _user.Daemon.RequestContext.Select(asked => (asked.Verb, asked.Payload)).Single());
    }

    [Fact]
    public void Login_prints_the_bare_password_of_that_organization()
    {
        Assert.Equal(0, _user.RunCatalogTool("--login", "catalog/extract-video", $"--organization={SomeConfiguration.AcmeId}"));
        Assert.Equal(($"{The.Password}\n", "", SomeConfiguration.AcmeId), (_user.Out, _user.Error, _user.AskedFor));
        Assert.Equal([Verb.LocateRepository, Verb.Token], _user.Daemon.RequestContext.Select(asked => asked.Verb));
        Assert.Equal(Url, _user.Daemon.RequestContext[1].Payload);
    }

    [Fact]
    public void What_fails_leaves_standard_output_empty()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("the session has expired\n", "ark: error: the session has expired\nark: hint: log in\n", 1);
        foreach (var arguments in new string[][] { ["--list-repositories"], ["--create-repository", "a", "--organization", "o"], ["--login", "a", "--organization", "o"] })
        {
            Assert.Equal(1, _user.RunCatalogTool(arguments));
            Assert.Equal(("", "ark: error: the session has expired\nark: hint: log in\n"), (_user.Out, _user.Error));
        }
    }

    [Theory]
    [InlineData()]
    [InlineData("--create-repository", "a")]
    [InlineData("--login", "a")]
    [InlineData("--login", "a", "--create-repository", "a", "--organization", "o")]
    [InlineData("--list-repositories", "--organization", "o")]
    [InlineData("--create-repository")]
    [InlineData("--frobnicate")]
    [InlineData("list")]
    public void What_it_does_not_know_is_told_with_the_help_to_read(params string[] arguments)
    {
        Assert.Equal(1, _user.RunCatalogTool(arguments));
        Assert.Equal("", _user.Out);
        Assert.Matches("^ark: error: [^\n]+\nark: hint: ark-catalog-container-tool --help\n$", _user.Error);
        Assert.Empty(_user.Daemon.RequestContext);
    }

    [Fact]
    public void Help_and_version_are_its_own()
    {
        Assert.Equal(0, _user.RunCatalogTool("--version"));
        Assert.Equal("ark-catalog-container-tool 0.1.0\n", _user.Out);
        Assert.Equal(0, _user.RunCatalogTool("--help"));
        foreach (var word in new[] { "--list-repositories", "--create-repository", "--login", "--organization", "Examples:" })
        {
            Assert.Contains(word, _user.Out, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ark-catalog-container-tool", true)]
    [InlineData("./build/ark-catalog-container-tool", true)]
    [InlineData("/usr/bin/Ark-Catalog-Container-Tool.EXE", true)]
    [InlineData("/usr/bin/ark", false)]
    [InlineData("/opt/ark-catalog-container-tool/ark", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Its_name_decides(string? name, bool meant) => Assert.Equal(meant, CatalogTool.IsMeant([null, name]));
}
