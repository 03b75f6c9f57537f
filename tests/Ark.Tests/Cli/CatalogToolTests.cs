using Ark.Cli;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class CatalogToolTests : IDisposable
{
    private const string Url = $"{The.Host}/prod/{SomeConfiguration.AcmeId}/catalog/extract-video";

    private readonly SomeUser _user = new();

    public CatalogToolTests() => _user.Daemon.Answer = (verb, _) => FakeDaemon.Says(verb == Verb.Token ? $"{The.Password}\n" : $"{Url}\n");

    public void Dispose() => _user.Dispose();

    [Fact]
    public void Login_prints_the_bare_password_of_that_organization()
    {
        Assert.Equal(0, _user.RunCatalogTool("--login", "catalog/extract-video", $"--organization={SomeConfiguration.AcmeId}"));
        Assert.Equal(($"{The.Password}\n", "", SomeConfiguration.AcmeId), (_user.Out, _user.Error, _user.AskedFor));
        Assert.Equal([Verb.LocateRepository, Verb.Token], _user.Daemon.Asked.Select(asked => asked.Verb));
        Assert.Equal(Url, _user.Daemon.Asked[1].Payload);
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
