using Xunit;

namespace Ark.Tests.Cli;

/// <summary>A login that is stored in docker's own file: some programs prefer it to the helper, and an ECR token is soon too old.</summary>
public sealed class FrozenTokenTests : IDisposable
{
    private const string Stored = "{\n  \"auths\": {\n    \"" + The.Host + "\": {\n      \"auth\": \"" + The.Secret + "\"\n    },\n"
        + "    \"https://" + The.Host + "/v2/\": { \"identitytoken\": \"" + The.Secret + "\" },\n"
        + "    \"ghcr.io\": { \"auth\": \"a2VlcA==\" },\n    \"" + The.OtherHost + "\": {}\n  }\n}\n";

    private const string Cleaned =
        "{\n  \"auths\": {\n    \"ghcr.io\": { \"auth\": \"a2VlcA==\" },\n    \"" + The.OtherHost + "\": {}\n  }";

    private readonly SomeUser _user = new();

    public FrozenTokenTests() => _user.HasConfig(Stored);

    public void Dispose() => _user.Dispose();

    [Fact]
    public void When_told_it_goes_from_the_file_and_no_copy_of_it_stays_anywhere()
    {
        Assert.Equal(0, _user.Run("setup", "--yes", "--remove-frozen-tokens", "--host", The.Host));
        Assert.Equal($"{Cleaned},\n  \"credHelpers\": {{\n    \"{The.Host}\": \"ark\"\n  }}\n}}\n", _user.ReadConfig());
        Assert.Contains($"@@ auths @@\n-  \"{The.Host}\": (stored login)\n", _user.Out, StringComparison.Ordinal);
        AssertNoSecretAnywhere();

        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal($"{Cleaned}\n}}\n", _user.ReadConfig());
        AssertNoSecretAnywhere();
    }

    [Fact]
    public void Removed_by_a_later_setup_it_goes_from_the_earlier_backup_too()
    {
        _user.Run("setup", "--yes", "--host", The.Host);
        Assert.Equal(0, _user.Run("setup", "--yes", "--remove-frozen-tokens", "--host", The.Host));
        AssertNoSecretAnywhere();
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Assert.Equal($"{Cleaned}\n}}\n", _user.ReadConfig());
    }

    [Theory]
    [InlineData("y", false)]
    [InlineData("n", true)]
    public void A_person_is_asked(string answer, bool stays)
    {
        _user.CanAsk = true;
        _user.Answers.Enqueue(answer);
        _user.Answers.Enqueue("y");
        Assert.Equal(0, _user.Run("setup", "--host", The.Host));
        Assert.Equal(stays, _user.ReadConfig().Contains(The.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public void No_secret_is_shown_by_a_dry_run_even_of_a_file_of_one_line()
    {
        const string secret = "\"" + The.Secret + "\"";
        _user.HasConfig(
            "{\"auths\":{\"" + The.Host + "\":{\"auth\":" + secret + "}},\"credHelpers\":{\"x.example\":{\"n\":" + secret + "}}}");
        Assert.Equal(0, _user.Run("setup", "--dry-run", "--remove-frozen-tokens", "--host", The.Host));
        Assert.DoesNotContain("SENTINEL", _user.Out + _user.Error, StringComparison.Ordinal);
        Assert.Contains("\"x.example\": (not a name)", _user.Out, StringComparison.Ordinal);
    }

    private void AssertNoSecretAnywhere()
    {
        Assert.DoesNotContain("SENTINEL", _user.Out + _user.Error, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_user.Home, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain("SENTINEL", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }
}
