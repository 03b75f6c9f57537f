using Ark.Cli.Docker;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class HelperLinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ark-link-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("helper", true)]
    [InlineData("helpes", false)]
    [InlineData("helper and more", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_copy_is_the_helper_when_every_byte_is(string? copy, bool same)
    {
        string helper = Path.Combine(_folder, "docker-credential-ark.exe");
        string link = Path.Combine(_folder, "docker-credential-ark-acme.exe");
        File.WriteAllText(helper, "helper");
        if (copy is not null)
        {
            File.WriteAllText(link, copy);
        }

        Assert.Equal(same, HelperLink.AreTheSame(link, helper));
    }

    [Fact]
    public void Without_the_helper_nothing_is_a_copy_of_it()
    {
        string link = Path.Combine(_folder, "docker-credential-ark-acme.exe");
        File.WriteAllText(link, "helper");

        Assert.False(HelperLink.AreTheSame(link, Path.Combine(_folder, "docker-credential-ark.exe")));
    }

    [Fact]
    public void What_setup_made_is_removed_and_what_somebody_else_put_there_is_not()
    {
        string helper = OperatingSystem.IsWindows() ? "docker-credential-ark.exe" : "docker-credential-ark";
        File.WriteAllText(Path.Combine(_folder, helper), "helper");
        string path = Path.Combine(_folder, OperatingSystem.IsWindows() ? "docker-credential-ark-acme.exe" : "docker-credential-ark-acme");
        var link = new HelperLink(path);
        link.Make();
        link.Remove();
        Assert.False(File.Exists(path));

        File.WriteAllText(path, "precious");
        link.Remove();
        Assert.True(File.Exists(path));
    }
}
