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
    public void The_list_has_two_columns_of_which_the_first_is_as_wide_as_a_GUID()
    {
        Assert.Equal(0, _user.Run("repo", "list"));
        Assert.Equal($"""
            Organization                         URL
            {SomeConfiguration.AcmeId} {Base}/catalog/extract-video
            {SomeConfiguration.AcmeId} {Base}/catalog/extract-gps
            {SomeConfiguration.AcmeId} {Base}/catalog/extract-annotations
            beta                                 {The.OtherHost}/app

            """.ReplaceLineEndings("\n"), _user.Out);
        Assert.Equal("", _user.Error);
    }

    [Fact]
    public void Every_page_of_every_ECR_registry_is_asked_for_and_no_other()
    {
        _user.Run("repo", "list");
        Assert.Equal(
            [
                """{"organization":"acme","registry":0}""",
                """{"organization":"acme","registry":0,"nextToken":"page 2"}""",
                """{"organization":"beta","registry":0}""",
            ],
            _user.Daemon.RequestContext.Where(asked => asked.Verb == Verb.ListRepositories).Select(asked => asked.Payload));
    }

    [Fact]
    public void A_registry_of_patterns_alone_is_passed_over_without_a_word()
    {
        _user.Daemon.Answer = (verb, payload) => verb == Verb.Organizations
            ? FakeDaemon.Says("""
                {"organizations":[{"name":"beta","registries":[
                  {"hosts":["*.dkr.ecr.eu-west-1.amazonaws.com","*.example.com"],"source":{"type":"ecr","identity":"by host"}},
                  {"hosts":["*.example.org","docker.example.org"],"source":{"type":"ecr","identity":"profile beta"}}]}]}
                """)
            : Answer(verb, payload);
        Assert.Equal((0, ""), (_user.Run("repo", "list"), _user.Error));
        Assert.Equal(
            ["""{"organization":"beta","registry":1}"""],
            _user.Daemon.RequestContext.Where(asked => asked.Verb == Verb.ListRepositories).Select(asked => asked.Payload));
    }

    [Theory]
    [InlineData("beta")]
    [InlineData("2EA25035-6AA4-42FB-9955-92288EA1B972")]
    public void One_organization_is_listed_alone(string organization)
    {
        Assert.Equal(0, _user.Run("repo", "list", "--organization", organization));
        Assert.Equal(organization != "beta", _user.Out.Contains(SomeConfiguration.AcmeId, StringComparison.Ordinal));
        Assert.Equal(organization == "beta", _user.Out.Contains("beta", StringComparison.Ordinal));
    }

    [Fact]
    public void The_id_of_everybody_lists_them_all()
    {
        Assert.Equal(0, _user.Run("repo", "list"));
        var all = _user.Out;
        Assert.Equal(0, _user.Run("repo", "list", "--organization", "77777777-7777-4777-7777-777777777777"));
        Assert.Equal(all, _user.Out);
    }

    [Fact]
    public void The_list_as_JSON_has_organization_and_url()
    {
        Assert.Equal(0, _user.Run("repo", "list", "-o", "beta", "--json"));
        Assert.Equal($$"""{"repositories":[{"organization":"beta","url":"{{The.OtherHost}}/app"}]}""" + "\n", _user.Out);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_broken_organization_is_a_warning_at_the_end_and_the_others_are_listed(bool json)
    {
        _user.Daemon.Answer = (verb, payload) => payload.Contains("page 2", StringComparison.Ordinal)
            ? FakeDaemon.Says("", "ark: error: AWS says no to acme\nark: hint: ask your administrator\n", 1)
            : Answer(verb, payload);
        Assert.Equal(1, _user.Run(json ? ["repo", "list", "--json"] : ["repo", "list"]));
        Assert.Contains("extract-video", _user.Out, StringComparison.Ordinal);
        Assert.Contains($"{The.OtherHost}/app", _user.Out, StringComparison.Ordinal);
        Assert.Equal("ark: warning: acme is left out: AWS says no to acme\nark: hint: ask your administrator\n", _user.Error);
    }

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
            ark: hint: restart it with ark daemon restart

            """.ReplaceLineEndings("\n"), _user.Error);
    }

    [Theory]
    [InlineData("", "same", 2)]
    [InlineData("", null, 100_000)]
    [InlineData("full", null, 100)]
    public void A_list_that_never_ends_is_given_up_and_the_others_are_listed(string page, string? token, int pages)
    {
        var repositories = page is "full" ? string.Join(',', Enumerable.Repeat($$"""{"organization":"acme","url":"{{Base}}/app"}""", 1000)) : "";
        _user.Daemon.Answer = (verb, payload) => verb == Verb.ListRepositories && payload.Contains("acme", StringComparison.Ordinal)
            ? FakeDaemon.Says($$"""{"repositories":[{{repositories}}],"nextToken":"{{token ?? $"{_user.Daemon.RequestContext.Count}"}}"}""")
            : Answer(verb, payload);

        Assert.Equal(1, _user.Run("repo", "list", "--json"));

        Assert.Equal(
            "ark: warning: acme is left out: its list of repositories has no end, or more than 100000 entries\nark: hint: check the endpoint of its registry in the configuration\n",
            _user.Error);
        Assert.Contains($"{The.OtherHost}/app", _user.Out, StringComparison.Ordinal);
        Assert.Equal(pages, _user.Daemon.RequestContext.Count(asked => asked.Payload.Contains("acme", StringComparison.Ordinal)));
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

    [Fact]
    public void Without_organizations_there_is_nothing_to_list()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("""{"organizations":[]}""");
        Assert.Equal(1, _user.Run("repo", "list"));
        Assert.Equal(("", "ark: error: the configuration binds no organization\nark: hint: ark init proposes a configuration\n"), (_user.Out, _user.Error));
    }

    [Fact]
    public void Creating_prints_each_URL_and_passes_on_what_was_asked()
    {
        Assert.Equal(0, _user.Run("repo", "create", "a", "b/c", "--organization", "acme", "--host", The.Host, "--if-not-exists"));
        Assert.Equal($"{Base}/a\n{Base}/b/c\n", _user.Out);
        Assert.Equal(
            [
                (Verb.CreateRepository, $$"""{"organization":"acme","name":"a","host":"{{The.Host}}","ifNotExists":true}""", StartMode.StartIfAbsent),
                (Verb.CreateRepository, $$"""{"organization":"acme","name":"b/c","host":"{{The.Host}}","ifNotExists":true}""", StartMode.StartIfAbsent),
            ],
            _user.Daemon.RequestContext);
    }

    [Fact]
    public void Parents_are_made_from_the_top_down_whether_or_not_they_are_there()
    {
        Assert.Equal(0, _user.Run("repo", "create", "spectro-packs/archive/nginx", "--organization", "acme", "--parents"));
        Assert.Equal($"{Base}/spectro-packs/archive/nginx\n", _user.Out);
        Assert.Equal(
            [
                (Verb.LocateRepository, """{"organization":"acme","name":"spectro-packs/archive/nginx"}"""),
                (Verb.CreateRepository, """{"organization":"acme","name":"spectro-packs","ifNotExists":true}"""),
                (Verb.CreateRepository, """{"organization":"acme","name":"spectro-packs/archive","ifNotExists":true}"""),
                (Verb.CreateRepository, """{"organization":"acme","name":"spectro-packs/archive/nginx"}"""),
            ],
            _user.Daemon.RequestContext.Select(asked => (asked.Verb, asked.Payload)));
    }

    [Fact]
    public void Of_parents_nothing_is_said_unless_they_fail()
    {
        _user.Daemon.Answer = (verb, payload) => verb == Verb.CreateRepository
            ? FakeDaemon.Says($"{Base}/x\n", "ark: note: it existed already\n")
            : Answer(verb, payload);
        Assert.Equal(0, _user.Run("repo", "create", "a/b/c", "--organization", "acme", "--parents", "--if-not-exists"));
        Assert.Equal("ark: note: it existed already\n", _user.Error);

        _user.Daemon.Answer = (verb, payload) => payload.Contains("\"a/b\"", StringComparison.Ordinal)
            ? FakeDaemon.Says("", "ark: error: AWS says no\n", 1)
            : Answer(verb, payload);
        Assert.Equal(1, _user.Run("repo", "create", "a/b/c", "--organization", "acme", "--parents"));
        Assert.Equal(("", "ark: error: AWS says no\n"), (_user.Out, _user.Error));
    }

    [Fact]
    public void A_name_that_cannot_be_leaves_no_parents_behind()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("", "ark: error: that is no name\n", 1);
        Assert.Equal(1, _user.Run("repo", "create", "a/B", "--organization", "acme", "--parents"));
        Assert.Equal(("", "ark: error: that is no name\n"), (_user.Out, _user.Error));
        Assert.Equal([Verb.LocateRepository], _user.Daemon.RequestContext.Select(asked => asked.Verb));
    }

    [Fact]
    public void One_name_that_fails_does_not_keep_the_others_from_being_created()
    {
        _user.Daemon.Answer = (verb, payload) => payload.Contains("\"a\"", StringComparison.Ordinal)
            ? FakeDaemon.Says("", "ark: error: it exists\nark: hint: add --if-not-exists\n", 1)
            : Answer(verb, payload);
        Assert.Equal(1, _user.Run("repo", "create", "a", "b", "--organization", "acme"));
        Assert.Equal(($"{Base}/b\n", "ark: error: it exists\nark: hint: add --if-not-exists\n"), (_user.Out, _user.Error));
    }

    [Fact]
    public void The_URL_is_printed_without_asking_for_anything_else()
    {
        Assert.Equal(0, _user.Run("repo", "url", "app", "--organization", "acme"));
        Assert.Equal($"{Base}/app\n", _user.Out);
        Assert.Equal([(Verb.LocateRepository, """{"organization":"acme","name":"app"}""", StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    [Fact]
    public void Nothing_is_deleted_without_a_person_or_a_yes()
    {
        Assert.Equal(1, _user.Run("repo", "delete", "app", "--organization", "acme"));
        Assert.Equal(("", "ark: error: not deleting without being told to\nark: hint: add --yes\n"), (_user.Out, _user.Error));
        Assert.Empty(_user.Daemon.RequestContext);
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("n", false)]
    [InlineData(null, false)]
    public void A_person_is_asked_with_the_whole_URL_before_anything_is_deleted(string? answer, bool deletes)
    {
        _user.CanAsk = true;
        if (answer is not null)
        {
            _user.Answers.Enqueue(answer);
        }

        Assert.Equal(deletes ? 0 : 1, _user.Run("repo", "delete", "app", "--organization", "acme", "--force"));
        Assert.Equal($"delete {Base}/app with every image in it? [y/N] ", _user.Error);
        Assert.Equal(deletes ? $"{Base}/app\n" : "nothing was deleted\n", _user.Out);
        Assert.Equal(deletes, _user.Daemon.RequestContext.Any(asked => asked.Verb == Verb.DeleteRepository));
    }

    [Fact]
    public void A_yes_deletes_at_once()
    {
        Assert.Equal(0, _user.Run("repo", "delete", "app", "--organization", "acme", "--yes"));
        Assert.Equal([(Verb.DeleteRepository, """{"organization":"acme","name":"app"}""", StartMode.StartIfAbsent)], _user.Daemon.RequestContext);
    }

    private static AskResult.Answered Answer(Verb verb, string payload)
    {
        if (verb == Verb.Organizations)
        {
            return FakeDaemon.Says(SomeConfiguration.Json());
        }

        using var request = JsonDocument.Parse(payload);
        var asked = request.RootElement;
        return (verb, asked.GetProperty("organization").GetString()) switch
        {
            (Verb.ListRepositories, "beta") => FakeDaemon.Says($$"""{"repositories":[{"organization":"beta","url":"{{The.OtherHost}}/app"}]}"""),
            (Verb.ListRepositories, _) when !asked.TryGetProperty("nextToken", out _) => FakeDaemon.Says(
                $$"""{"repositories":[{"organization":"acme","url":"{{Base}}/catalog/extract-video"},{"organization":"acme","url":"{{Base}}/catalog/extract-gps"}],"nextToken":"page 2"}"""),
            (Verb.ListRepositories, _) => FakeDaemon.Says(
                $$"""{"repositories":[{"organization":"acme","url":"{{Base}}/catalog/extract-annotations"}],"nextToken":null}"""),
            _ => FakeDaemon.Says($"{Base}/{asked.GetProperty("name").GetString()}\n"),
        };
    }
}
