using System.Text.Json;
using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class RepositoryTests : IDisposable
{
    private const string Base = $"{The.Host}/prod/{SomeConfiguration.AcmeId}";

    private readonly SomeUser _user = new();

    public RepositoryTests() => _user.Daemon.Answer = Answer;

    public void Dispose() => _user.Dispose();

    [Fact]
    public void An_organization_that_is_not_answered_for_is_left_out_too()
    {
        _user.Daemon.Answer = (verb, payload) => (verb, payload.Contains("acme", StringComparison.Ordinal)) switch
        {
            (Verb.ListRepositories, true) => new AskResult.Failed("no answer within 25 seconds", "try again"),
            (Verb.ListRepositories, false) => FakeDaemon.Says("no JSON"),
            _ => Answer(verb, payload),
        };
        Assert.Equal(1, _user.Run("repo", "list"));
        Assert.Equal("""
            ark: warning: acme is left out: no answer within 25 seconds
            ark: hint: try again
            ark: warning: beta is left out: the daemon's list of repositories cannot be read
            ark: hint: restart it with: ark daemon restart

            """.ReplaceLineEndings("\n"), _user.Error);
    }

    [Theory]
    [InlineData("", "same", 2)]
    [InlineData("", null, 100_000)]
    [InlineData("full", null, 100)]
    public void A_list_that_never_ends_is_given_up_and_the_others_are_listed(string page, string? token, int pages)
    {
        string one = $$"""{"organization":"acme","url":"{{Base}}/app"}""";
        string repositories = page is "full" ? string.Join(',', Enumerable.Repeat(one, 1000)) : "";
        _user.Daemon.Answer = (verb, payload) => verb == Verb.ListRepositories && payload.Contains("acme", StringComparison.Ordinal)
            ? FakeDaemon.Says($$"""{"repositories":[{{repositories}}],"nextToken":"{{token ?? $"{_user.Daemon.Asked.Count}"}}"}""")
            : Answer(verb, payload);

        Assert.Equal(1, _user.Run("repo", "list", "--json"));

        Assert.Equal(
            "ark: warning: acme is left out: its list of repositories does not end, or has more than 100000 entries\n"
                + "ark: hint: check the endpoint of its registry in the configuration\n",
            _user.Error);
        Assert.Contains($"{The.OtherHost}/app", _user.Out, StringComparison.Ordinal);
        Assert.Equal(pages, _user.Daemon.Asked.Count(asked => asked.Payload.Contains("acme", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_long_list_shows_its_progress_to_a_person_and_takes_it_away()
    {
        _user.ErrorIsTerminal = true;
        _user.Run("repo", "list");
        var shown = _user.Error.Split('\r');
        Assert.Equal(["", "2 repositories …", "3 repositories …", "4 repositories …", new string(' ', 16), ""], shown);

        _user.OutputIsTerminal = true;
        _user.Run("repo", "list");
        Assert.Equal("", _user.Error);
    }

    private static AskResult.Answered Answer(Verb verb, string payload) => FakeDaemon.Says(
        verb == Verb.Organizations ? SomeConfiguration.Json()
        : payload.Contains("beta", StringComparison.Ordinal) ? Page(null, $"{The.OtherHost}/app")
        : payload.Contains("page 2", StringComparison.Ordinal) ? Page(null, $"{Base}/catalog/extract-annotations")
        : Page("page 2", $"{Base}/catalog/extract-video", $"{Base}/catalog/extract-gps"));

    private static string Page(string? next, params string[] urls) =>
        JsonSerializer.Serialize(new { repositories = urls.Select(url => new { organization = "acme", url }), nextToken = next });
}
