using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class OrganizationTests : IDisposable
{
    private readonly SomeUser _user = new();

    public OrganizationTests() => _user.Daemon.Answer = (_, _) => FakeDaemon.Says(SomeConfiguration.Json());

    public void Dispose() => _user.Dispose();

    [Fact]
    public void The_list_marks_the_default_and_the_one_in_use()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(SomeConfiguration.Json(used: "beta"));
        Assert.Equal(0, _user.Run("org", "list"));
        Assert.Equal($"""
            name  id                                    registries
            acme  {SomeConfiguration.AcmeId}  2           default
            beta  -                                     1           in use

            """.ReplaceLineEndings("\n"), _user.Out);
        Assert.Equal([(Verb.Organizations, "", StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    [Fact]
    public void The_list_as_JSON_is_the_answer_of_the_daemon_to_the_byte()
    {
        Assert.Equal(0, _user.Run("org", "list", "--json"));
        Assert.Equal((SomeConfiguration.Json(), ""), (_user.Out, _user.Error));
    }

    [Fact]
    public void A_map_without_organizations_says_how_to_begin()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("""{"file":"/f","organizations":[]}""");
        Assert.Equal(0, _user.Run("org", "list"));
        Assert.Equal("the configuration binds no organization; ark init proposes a configuration\n", _user.Out);
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("2EA25035-6AA4-42FB-9955-92288EA1B972")]
    [InlineData(null)]
    public void One_is_shown_by_name_by_id_or_as_the_one_that_counts(string? name)
    {
        Assert.Equal(0, _user.Run(name is null ? ["org", "show"] : ["org", "show", name]));
        Assert.Equal($"""
            name  acme
            id    {SomeConfiguration.AcmeId}

            hosts         {The.Host}, docker.example.com
            repositories  below prod/{SomeConfiguration.AcmeId}/
            source        ecr
            identity      profile acme

            hosts         https://index.docker.io/v1/
            repositories  all
            source        helper
            identity      secretservice

            """.ReplaceLineEndings("\n"), _user.Out);
    }

    [Fact]
    public void The_one_in_use_comes_before_the_default()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(SomeConfiguration.Json(used: "beta"));
        Assert.Equal(0, _user.Run("org", "show", "--json"));
        using var shown = System.Text.Json.JsonDocument.Parse(_user.Out);
        Assert.Equal("beta", shown.RootElement.GetProperty("name").GetString());
        Assert.Equal(["id", "name", "registries"], shown.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("ecr", shown.RootElement.GetProperty("registries")[0].GetProperty("source").GetProperty("type").GetString());
    }

    [Fact]
    public void An_organization_that_is_not_there_is_told()
    {
        Assert.Equal(1, _user.Run("org", "show", "gamma"));
        Assert.Equal(("", "ark: error: the configuration has no organization \"gamma\"\nark: hint: ark org list shows those it has\n"), (_user.Out, _user.Error));

        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("""{"organizations":[]}""");
        Assert.Equal(1, _user.Run("org", "show"));
        Assert.StartsWith("ark: error: no organization was named, none is in use", _user.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("org", "list")]
    [InlineData("org", "list", "--json")]
    [InlineData("org", "show", "acme")]
    [InlineData("use")]
    [InlineData("repo", "list")]
    [InlineData("init", "--yes")]
    public void A_bad_map_is_told_in_the_words_of_the_daemon(params string[] arguments)
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("it is broken\n", "ark: error: config.json:3:5: it is broken\nark: hint: mend it\n", 1);
        Assert.Equal(1, _user.Run(arguments));
        Assert.Equal(("", "ark: error: config.json:3:5: it is broken\nark: hint: mend it\n"), (_user.Out, _user.Error));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"organizations":[{"id":"no name"}]}""")]
    [InlineData("""{"organizations":null}""")]
    public void An_answer_that_is_none_is_told(string answer)
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(answer);
        Assert.Equal(1, _user.Run("org", "list"));
        Assert.Equal("ark: error: the daemon's organizations cannot be read\nark: hint: restart it with ark daemon restart\n", _user.Error);
    }

    [Fact]
    public void Text_from_the_map_cannot_move_the_cursor()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("""{"organizations":[{"name":"a\u001b[2J","registries":[{"hosts":["h\n"],"source":{"type":"t\r"}}]}]}""");
        Assert.Equal(0, _user.Run("org", "list"));
        Assert.DoesNotContain('\u001b', _user.Out);
        Assert.Equal(0, _user.Run("org", "show", "a\u001b[2J"));
        Assert.DoesNotContain(_user.Out, letter => char.IsControl(letter) && letter != '\n');
    }

    [Fact]
    public void A_file_to_validate_is_named_by_its_full_path_and_the_verdict_is_passed_on()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("config.json:3:5: no host\n", "", 1);
        Assert.Equal(1, _user.Run("org", "validate", "some/../config.json"));
        Assert.Equal("config.json:3:5: no host\n", _user.Out);
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("good\n");
        Assert.Equal(0, _user.Run("org", "validate"));
        Assert.Equal([(Verb.Validate, Path.GetFullPath("config.json"), StartMode.StartIfAbsent), (Verb.Validate, "", StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    [Fact]
    public void Using_one_asks_the_daemon_to_remember_and_none_to_forget()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("done\n");
        Assert.Equal(0, _user.Run("use", "acme"));
        Assert.Equal(0, _user.Run("use", "--none"));
        Assert.Equal("done\n", _user.Out);
        Assert.Equal([(Verb.Use, "acme", StartMode.StartIfAbsent), (Verb.Use, "", StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    [Theory]
    [InlineData("use", "acme", "--none")]
    [InlineData("use", "")]
    [InlineData("use", "", "--none")]
    public void An_empty_choice_and_a_double_one_are_refused_before_anything_is_asked(params string[] arguments)
    {
        Assert.Equal(1, _user.Run(arguments));
        Assert.StartsWith("ark: error: ", _user.Error, StringComparison.Ordinal);
        Assert.Empty(_user.Daemon.RequestContext);
    }

    [Fact]
    public void Use_without_an_argument_shows_the_choice()
    {
        Assert.Equal(0, _user.Run("use"));
        Assert.Equal("in use   none\ndefault  acme\n", _user.Out);
    }
}
