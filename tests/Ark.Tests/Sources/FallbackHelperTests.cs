using Ark.Core.Configuration;
using Ark.Core.Sources;
using Ark.Tests.Daemon;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Sources;

public sealed class FallbackHelperTests : IDisposable
{
    private const string Program = "docker-credential-store";
    private const string Hub = "https://index.docker.io/v1/";
    private const string Ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

    private readonly SourceFixture _fixture = new() { Configuration = SourceFixture.ConfigurationOf("store") };

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(Verb.Get, Hub, "get")]
    [InlineData(Verb.Get, "ghcr.io/team/app\r\n", "get")]
    [InlineData(Verb.Get, "http://no registry of ours", "get")]
    [InlineData(Verb.Erase, "https://ghcr.io", "erase")]
    [InlineData(Verb.Store, """{"ServerURL":"ghcr.io","Username":"me","Secret":"SENTINEL\u003c"}""" + "\n", "store")]
    public async Task What_is_not_ours_goes_there_and_back_byte_for_byte(Verb verb, string payload, string argument)
    {
        _fixture.Program(Program, "printf 'a\\000b\\377'; printf 'note\\n\\377' >&2; exit 0");

        Reply reply = await _fixture.Ask(verb, payload);

        Assert.Equal(0, reply.ExitCode);
        Assert.Equal("a\0b\xFF"u8[..3].ToArray().Append((byte)0xFF), reply.Stdout);
        Assert.Equal("note\n"u8.ToArray().Append((byte)0xFF), reply.Stderr);
        Assert.Equal((argument + "\n", payload), (_fixture.Record(Program, "argv"), _fixture.Record(Program, "stdin")));
        Assert.DoesNotContain("SENTINEL", _fixture.Log + _fixture.Record(Program, "env"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(137, 1)]
    public async Task No_exit_code_but_0_and_1_comes_back(int exit, int code)
    {
        _fixture.Program(Program, $"echo 'credentials not found in native keychain'; exit {exit}");

        Reply reply = await _fixture.Ask(Verb.Get, Hub);

        Assert.Equal((code, SourceFixture.NotFound, ""), (reply.ExitCode, reply.Out(), reply.Error()));
    }

    [Fact]
    public async Task What_is_ours_never_goes_there()
    {
        _fixture.Program(Program, "echo never; exit 0");

        await _fixture.Ask(Verb.Get, Ecr);
        await _fixture.Ask(Verb.Erase, Ecr);
        await _fixture.Ask(Verb.Store, $$"""{"ServerURL":"{{Ecr}}","Username":"AWS","Secret":"SENTINEL"}""");
        await _fixture.Ask(Verb.Token, Hub);

        Assert.Equal(0, _fixture.Runs(Program));
    }

    [Fact]
    public async Task A_login_to_ECR_goes_there_where_ark_does_not_answer_for_the_registry()
    {
        _fixture.Program(Program, "exit 0");
        _fixture.Configuration = ConfigurationFile.Parse("""{ "mode": "mapped-only", "fallbackHelper": "store" }"""u8.ToArray(), "config.json");
        string login = $$"""{"ServerURL":"{{Ecr}}","Username":"AWS","Secret":"SENTINEL"}""";

        Assert.Equal(0, (await _fixture.Ask(Verb.Store, login)).ExitCode);

        Assert.Equal(("store\n", login), (_fixture.Record(Program, "argv"), _fixture.Record(Program, "stdin")));
    }

    [Theory]
    [InlineData(Verb.Get, Hub)]
    [InlineData(Verb.Store, """{"ServerURL":"ghcr.io","Username":"me","Secret":"SENTINEL"}""")]
    public async Task A_fallback_helper_that_cannot_be_run_is_an_error_that_says_so(Verb verb, string payload)
    {
        Reply reply = await _fixture.Ask(verb, payload);

        Assert.Equal(1, reply.ExitCode);
        Assert.Equal("the program docker-credential-store is not on the daemon's PATH\n", reply.Out());
        Assert.Contains("ark: hint: ", reply.Error(), StringComparison.Ordinal);
        Assert.DoesNotContain("SENTINEL", _fixture.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erase_never_fails_for_want_of_the_fallback_helper_and_says_what_stays()
    {
        Reply reply = await _fixture.Ask(Verb.Erase, "https://ghcr.io/team");

        Assert.Equal((0, ""), (reply.ExitCode, reply.Out()));
        Assert.Equal(
            "ark: warning: the credentials for ghcr.io were not erased: the program docker-credential-store is not on the daemon's PATH\n",
            reply.Error());
        Assert.Empty((await _fixture.Ask(Verb.Erase, Ecr)).Stderr);
    }

    [Theory]
    [InlineData("{\n  \"https://index.docker.io/v1/\" : \"m\\u00e4\" }")]
    [InlineData("null\n")]
    [InlineData("{}")]
    public async Task With_nothing_of_ours_its_list_is_the_list_to_the_byte(string list)
    {
        _fixture.Program(Program, $"cat <<'E'\n{list}\nE");

        Reply reply = await _fixture.Ask(Verb.List);

        Assert.Equal((0, list + "\n", ""), (reply.ExitCode, reply.Out(), reply.Error()));
        Assert.Equal("list\n", _fixture.Record(Program, "argv"));
    }

    [Fact]
    public async Task Its_list_and_ours_are_one_in_which_ours_win()
    {
        _fixture.Configuration = SourceFixture.ConfigurationOf(
            "store", (SourceFixture.Host, new StaticSource("<me>", new SecretReference.File("~/x"))));
        _fixture.Program(
            Program, $$"""echo '{"z.example.com":"you","{{SourceFixture.Host}}":"other","a.example.com":"\u003ctoken\u003e"}'""");

        Reply reply = await _fixture.Ask(Verb.List);

        Assert.Equal($$"""{"z.example.com":"you","a.example.com":"<token>","{{SourceFixture.Host}}":"<me>"}""" + "\n", reply.Out());
        Assert.Empty(reply.Stderr);
    }

    [Theory]
    [InlineData("echo no; exit 1", "store failed")]
    [InlineData("echo '[]'", "no list")]
    [InlineData("echo '{\"a\":1}'", "no list")]
    [InlineData("echo '{\"a\":\"b\"} x'", "no list")]
    [InlineData("", "no list")]
    [InlineData(null, "not on the daemon's PATH")]
    public async Task Ours_alone_with_a_warning_when_it_fails(string? script, string why)
    {
        _fixture.Configuration = SourceFixture.ConfigurationOf(
            "store", (SourceFixture.Host, new StaticSource("me", new SecretReference.File("~/x"))));
        if (script is not null)
        {
            _fixture.Program(Program, script);
        }

        Reply reply = await _fixture.Ask(Verb.List);

        Assert.Equal((0, $$"""{"{{SourceFixture.Host}}":"me"}""" + "\n"), (reply.ExitCode, reply.Out()));
        Assert.StartsWith("ark: warning: ", reply.Error(), StringComparison.Ordinal);
        Assert.Contains(why, reply.Error(), StringComparison.Ordinal);
        Assert.Single(reply.Error(), '\n');
    }

    [Fact]
    public async Task A_request_that_comes_back_from_it_ends_there()
    {
        _fixture.Program(Program, "echo never");
        _fixture.Variables["ARK_CHAIN"] = "1";

        Reply get = await _fixture.Ask(Verb.Get, Hub);
        Assert.Equal((1, SourceFixture.NotFound), (get.ExitCode, get.Out()));
        Assert.StartsWith("ark: note: ", get.Error(), StringComparison.Ordinal);
        Assert.Contains("loop", get.Error(), StringComparison.Ordinal);
        Assert.Single(get.Error(), '\n');

        Reply store = await _fixture.Ask(Verb.Store, """{"ServerURL":"ghcr.io","Username":"me","Secret":"SENTINEL"}""");
        Assert.Equal(1, store.ExitCode);
        Assert.NotEqual(SourceFixture.NotFound, store.Out());
        Reply erase = await _fixture.Ask(Verb.Erase, Hub), list = await _fixture.Ask(Verb.List);
        Assert.Equal((0, "", "", 0, "{}\n", ""), (erase.ExitCode, erase.Out(), erase.Error(), list.ExitCode, list.Out(), list.Error()));
        Assert.Equal(0, _fixture.Runs(Program));
    }

    [Fact]
    public async Task While_the_configuration_is_invalid_there_is_no_fallback_helper()
    {
        _fixture.Program(Program, "echo never");
        _fixture.Configuration = ConfigurationFile.Parse("{"u8, "config.json");

        Assert.Equal(1, (await _fixture.Ask(Verb.Get, Hub)).ExitCode);
        Assert.StartsWith("config.json:1:", (await _fixture.Ask(Verb.Get, "ghcr.io")).Out(), StringComparison.Ordinal);
        Reply erase = await _fixture.Ask(Verb.Erase, "ghcr.io");
        Assert.Equal((0, ""), (erase.ExitCode, erase.Out()));
        Assert.StartsWith(
            "ark: warning: the credentials for ghcr.io were not erased: config.json:1:", erase.Error(), StringComparison.Ordinal);
        Assert.Single(erase.Error(), '\n');
        Assert.Equal(0, _fixture.Runs(Program));
    }
}
