using Xunit;

namespace Ark.Tests.Cli;

/// <summary>Hosts that one organization answers for, whatever is in use; and keys with a scheme.</summary>
public sealed class SetupOrganizationTests : IDisposable
{
    private readonly SomeUser _user = new();

    public SetupOrganizationTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(SomeConfiguration.Json());
    }

    private string Programs => _user.Environment["PATH"];

    private string Link => Path.Combine(Programs, "docker-credential-ark-acme");

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData("acme")]
    [InlineData(SomeConfiguration.AcmeId)]
    public void The_host_is_given_to_a_link_beside_the_helper_and_undo_takes_both_away(string organization)
    {
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host, "--organization", organization));
        Assert.Equal($"{{\n\t\"credHelpers\": {{\n\t\t\"{The.Host}\": \"ark-acme\"\n\t}}\n}}\n", _user.ReadConfig());
        Assert.Equal("docker-credential-ark", new FileInfo(Link).LinkTarget);
        Assert.Contains($"+++ {Link} (the helper for this organization)\n", _user.Out, StringComparison.Ordinal);

        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Empty(_user.Everything());
        Assert.Null(new FileInfo(Link).LinkTarget);
        Assert.Contains($"{Link} is removed\n", _user.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_moves_from_ark_to_an_organization_and_back()
    {
        _user.Run("setup", "--yes", "--host", The.Host);
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host, "-o", "acme"));
        Assert.Contains("\"ark-acme\"", _user.ReadConfig(), StringComparison.Ordinal);
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host));
        Assert.Contains("\"ark\"", _user.ReadConfig(), StringComparison.Ordinal);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Empty(_user.Everything());
        Assert.False(Path.Exists(Link));
    }

    [Fact]
    public void Undo_of_a_file_edited_since_takes_the_organizations_entries_out_too()
    {
        _user.HasConfig("{\n\t\"a\": 1\n}");
        _user.Run("setup", "--yes", "--host", The.Host, "-o", "acme");
        _user.HasConfig(_user.ReadConfig().Replace("\"a\": 1", "\"a\": 2", StringComparison.Ordinal));
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal("{\n\t\"a\": 2\n}", _user.ReadConfig());
    }

    [Fact]
    public void The_same_again_has_nothing_to_do_but_a_link_that_has_gone_is_made_again()
    {
        _user.Run("setup", "--yes", "--host", The.Host, "-o", "acme");
        Assert.Equal(0, _user.Run("setup", "--host", The.Host, "-o", "acme"));
        Assert.StartsWith("nothing to do", _user.Out, StringComparison.Ordinal);

        File.Delete(Link);
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host, "-o", "acme"));
        Assert.Equal("docker-credential-ark", new FileInfo(Link).LinkTarget);
    }

    [Fact]
    public void A_link_that_two_configurations_need_goes_with_the_last()
    {
        _user.Run("setup", "--yes", "--host", The.Host, "-o", "acme");
        _user.Environment["DOCKER_CONFIG"] = Path.Combine(_user.Home, "other");
        _user.Run("setup", "--yes", "--host", The.Host, "-o", "acme");
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.True(Path.Exists(Link));
        _user.Environment.Remove("DOCKER_CONFIG");
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.False(Path.Exists(Link));
        Assert.Empty(_user.Everything());
    }

    [Fact]
    public void A_dry_run_makes_no_link()
    {
        Assert.Equal(0, _user.Run("setup", "--dry-run", "--host", The.Host, "-o", "acme"));
        Assert.False(Path.Exists(Link));
        Assert.Empty(_user.Everything());
    }
}
