using System.Text;
using System.Text.Json;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Tests.Tokens;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class GetTests : IDisposable
{
    private const string Gallery = "public.ecr.aws";

    private readonly DispatcherFixture _fixture = new();

    public static TheoryData<ProblemKind> EveryKind =>
        [.. Enum.GetValues<ProblemKind>().Where(kind => kind is not (ProblemKind.NotStored or ProblemKind.Loop))];

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(The.Host)]
    [InlineData("https://" + The.Host)]
    [InlineData(The.Host + "\n")]
    [InlineData(" " + The.Host + "\r\n")]
    public async Task A_host_of_ours_gets_one_line_of_json_that_names_the_server_as_the_client_did(string asked)
    {
        var reply = await _fixture.Ask(Verb.Get, asked);

        Assert.Equal(0, reply.ExitCode);
        Assert.Equal($$"""{"ServerURL":"{{asked.Trim()}}","Username":"AWS","Secret":"SENTINEL-profile tbd-1"}""" + "\n", reply.Out());
        Assert.Empty(reply.Stderr);
    }

    [Fact]
    public async Task Ten_gets_are_one_fetch()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(0, (await _fixture.Ask(Verb.Get, The.Host)).ExitCode);
        }

        Assert.Equal(1, _fixture.Source.Calls);
    }

    [Theory]
    [InlineData("ghcr.io")]
    [InlineData("https://index.docker.io/v1/")]
    [InlineData("\u0130.example.com")]
    public async Task A_host_of_others_is_not_found_and_costs_nothing(string host)
    {
        var reply = await _fixture.Ask(Verb.Get, host);

        Assert.Equal(1, reply.ExitCode);
        Assert.Equal(DispatcherFixture.NotFound, reply.Out());
        Assert.Equal(0, _fixture.Source.Calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    public async Task No_host_gets_the_protocols_sentence_for_that(string nothing)
    {
        var reply = await _fixture.Ask(Verb.Get, nothing);

        Assert.Equal(1, reply.ExitCode);
        Assert.Equal("no credentials server URL\n", reply.Out());
    }

    [Fact]
    public async Task While_the_configuration_is_invalid_every_host_gets_its_error_with_line_and_column()
    {
        _fixture.Configuration = static () => ConfigurationFile.Parse("{ \"mode\": \"always\" }"u8, "config.json");

        foreach (var host in (string[])[The.Host, "ghcr.io"])
        {
            var reply = await _fixture.Ask(Verb.Get, host);
            Assert.Equal(1, reply.ExitCode);
            Assert.StartsWith("config.json:1:", reply.Out(), StringComparison.Ordinal);
            Assert.Contains("ark: hint: correct the configuration", reply.Error(), StringComparison.Ordinal);
        }

        Assert.Equal(0, _fixture.Source.Calls);
    }

    [Fact]
    public async Task A_host_that_was_only_refused_for_the_configuration_leaves_the_status_once_the_configuration_is_mended()
    {
        _fixture.Configuration = static () => ConfigurationFile.Parse("{"u8, "config.json");
        await _fixture.Ask(Verb.Get, "ghcr.io");
        Assert.Contains("ghcr.io", (await _fixture.Ask(Verb.Status)).Out(), StringComparison.Ordinal);

        _fixture.Configuration = static () => DispatcherFixture.ConfigurationOf();
        await _fixture.Ask(Verb.Get, "ghcr.io");

        Assert.DoesNotContain("ghcr.io", (await _fixture.Ask(Verb.Status)).Out(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_error_of_a_host_is_the_one_in_the_status_however_many_hosts_failed()
    {
        var message = "first";
        _fixture.Sources = (_, _) => new SourceOutcome.Failed(new Problem(ProblemKind.ProfileNotFound, message, "mend it"));
        for (var i = 0; i < 200; i++)
        {
            await _fixture.Ask(Verb.Get, $"{123456789012 + i}.dkr.ecr.eu-west-1.amazonaws.com");
        }

        message = "second";
        await _fixture.Ask(Verb.Get, The.Host);

        using var status = JsonDocument.Parse((await _fixture.Ask(Verb.Status)).Stdout);
        var entries = status.RootElement.GetProperty("entries").EnumerateArray().ToList();
        Assert.InRange(entries.Count, 1, 100);
        Assert.Equal(
            "second", entries.Single(entry => entry.GetProperty("host").GetString() == The.Host).GetProperty("lastError").GetString());
    }

    [Fact]
    public async Task What_another_store_does_not_have_is_not_found_and_no_error()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.NotStored);

        Reply reply = await _fixture.Ask(Verb.Get, The.Host);

        Assert.Equal((1, DispatcherFixture.NotFound, ""), (reply.ExitCode, reply.Out(), reply.Error()));
    }

    [Theory]
    [MemberData(nameof(EveryKind))]
    public async Task Every_kind_of_problem_has_its_own_text_on_both_streams_and_a_hint(ProblemKind kind)
    {
        _fixture.Source.Problem = Some.Problem(kind);

        Reply reply = await _fixture.Ask(Verb.Get, The.Host).WhileTimeGoesByAsync(_fixture.Cache, _fixture.Clock);

        Assert.Equal(1, reply.ExitCode);
        Assert.NotEqual(DispatcherFixture.NotFound, reply.Out());
        Assert.Equal($"it went wrong with {kind}\n", reply.Out());
        Assert.Equal(
            $"ark: error: it went wrong with {kind}\nark: hint: mend it\nark: code: {Some.Problem(kind).Code}\n", reply.Error());
    }

    [Fact]
    public async Task A_profile_that_does_not_exist_is_an_error_and_an_entry_in_the_status()
    {
        _fixture.Sources = static (_, _) => new SourceOutcome.Failed(Some.Problem(ProblemKind.ProfileNotFound));

        var reply = await _fixture.Ask(Verb.Get, The.Host);

        Assert.Equal("it went wrong with ProfileNotFound\n", reply.Out());
        var status = (await _fixture.Ask(Verb.Status)).Out();
        Assert.Contains(
            $$"""{"host":"{{The.Host}}","organization":null,"source":"","identity":"","state":"failing","expiresAt":null""",
            status,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_public_gallery_goes_on_without_credentials_and_says_why()
    {
        _fixture.Sources = static (_, _) => new SourceOutcome.Failed(Some.Problem(ProblemKind.NoCredentials));

        var reply = await _fixture.Ask(Verb.Get, Gallery);

        Assert.Equal(1, reply.ExitCode);
        Assert.Equal(DispatcherFixture.NotFound, reply.Out());
        Assert.Equal("ark: note: going on without credentials: it went wrong with NoCredentials\nark: code: no-credentials\n", reply.Error());
    }

    [Fact]
    public async Task The_public_gallery_fails_like_any_registry_when_the_configuration_gives_it_an_organization()
    {
        _fixture.Configuration = static () => ConfigurationFile.Parse(
            """
            { "organizations": [{ "name": "tbd", "registries": [
              { "hosts": ["public.ecr.aws"], "source": { "type": "ecr-public", "profile": "tbd" } }] }] }
            """u8,
            "config.json");

        _fixture.Source.Problem = Some.Problem(ProblemKind.AccessDenied);

        Assert.Equal("it went wrong with AccessDenied\n", (await _fixture.Ask(Verb.Get, Gallery)).Out());
    }

    [Fact]
    public async Task An_exception_is_an_error_that_tells_its_type_and_none_of_its_text()
    {
        _fixture.Sources = static (_, _) => throw new InvalidOperationException("SENTINEL-in-an-exception");

        var reply = await _fixture.Ask(Verb.Get, The.Host);

        Assert.Equal(1, reply.ExitCode);
        Assert.Equal("ark failed unexpectedly (InvalidOperationException)\n", reply.Out());
        Assert.Contains("fault while=\"answering Get\" type=InvalidOperationException", _fixture.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", reply.Error() + _fixture.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fetch_that_throws_leaks_nothing_either()
    {
        _fixture.Source.Exception = new FormatException("SENTINEL-in-an-exception");

        var reply = await _fixture.Ask(Verb.Get, The.Host);

        Assert.Equal(1, reply.ExitCode);
        Assert.NotEqual(DispatcherFixture.NotFound, reply.Out());
        Assert.DoesNotContain("SENTINEL", reply.Out() + reply.Error() + _fixture.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Little_life_left_is_a_warning_beside_the_answer()
    {
        await _fixture.Ask(Verb.Get, The.Host);
        _fixture.Source.Problem = Some.Problem(ProblemKind.Unreachable);
        _fixture.Clock.Advance(The.Life - TimeSpan.FromMinutes(3));

        var reply = await _fixture.Ask(Verb.Get, The.Host);

        Assert.Equal(0, reply.ExitCode);
        Assert.Contains("\"Secret\":\"SENTINEL-", reply.Out(), StringComparison.Ordinal);
        Assert.StartsWith("ark: warning: ", reply.Error(), StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", reply.Error(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(The.Host)]
    [InlineData(The.Host + "/team/app:1.2")]
    [InlineData(The.Host + "/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Token_is_the_password_alone(string registry)
    {
        var reply = await _fixture.Ask(Verb.Token, registry);

        Assert.Equal(0, reply.ExitCode);
        Assert.Equal("SENTINEL-profile tbd-1\n", reply.Out());
    }

    [Fact]
    public async Task A_token_of_any_length_makes_a_whole_answer()
    {
        for (var length = 1; length < 9000; length += 61)
        {
            var secret = new string('s', length - 1) + "+";
            _fixture.Sources = (_, _) => new SourceOutcome.Found(new OneToken(_fixture.Clock.Now, secret));

            using var answer = JsonDocument.Parse((await _fixture.Ask(Verb.Get, The.Host)).Stdout);

            Assert.Equal(secret, answer.RootElement.GetProperty("Secret").GetString());
        }
    }

    [Fact]
    public async Task The_log_has_no_token_and_no_key()
    {
        await _fixture.Ask(
            Verb.Get, The.Host, ("AWS_ACCESS_KEY_ID", "AKIASENTINEL"), ("AWS_SECRET_ACCESS_KEY", "SENTINEL-key"));

        Assert.Contains($"served host={The.Host}", _fixture.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", _fixture.Log.ToString(), StringComparison.Ordinal);
    }

    private sealed class OneToken(DateTimeOffset now, string secret) : ITokenSource
    {
        public TokenKey Key => Some.Key(secret.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));

        public string Identity => "somebody";

        public bool OutlivesRequest => true;

        public Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken) => Task.FromResult<FetchOutcome>(
            new FetchOutcome.Fetched(new AuthorizationToken("AWS", Encoding.UTF8.GetBytes(secret), now + The.Life)));
    }
}
