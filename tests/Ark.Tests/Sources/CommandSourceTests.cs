using System.Runtime.Versioning;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Daemon.Listening;
using Ark.Testing;
using Ark.Tests.Daemon;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Sources;

[UnsupportedOSPlatform("windows")]
public sealed class CommandSourceTests : IDisposable
{
    private static readonly CommandSource Tool = new(
        new ValueList<string>(["tool", "auth", "a b", "$HOME;"]), "me", TimeSpan.FromMinutes(5));

    private readonly SourceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task It_gets_its_arguments_as_they_are_and_prints_the_secret_alone()
    {
        _fixture.Program("tool", "[ \"$2\" = 'a b' ] && [ \"$3\" = '$HOME;' ] && echo SENTINEL-secret");

        Assert.Equal(("me", "SENTINEL-secret", TimeSpan.FromMinutes(5)), await _fixture.FetchAsync(Tool));
        Assert.Equal("", _fixture.Record("tool", "stdin"));
        Assert.Contains("ARK_CHAIN=1\n", _fixture.Record("tool", "env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_says_for_whom_and_for_how_long()
    {
        _fixture.Program("tool", """echo '{"username":"you","secret":"SENTINEL","expiresAt":"2026-01-02T13:00:00Z"}'""");

        Assert.Equal(("you", "SENTINEL", TimeSpan.FromHours(1)), await _fixture.FetchAsync(Tool));
    }

    [Theory]
    [InlineData("printf '\\357\\273\\277SENTINEL\\n'")]
    [InlineData("printf '\\357\\273\\277{\"secret\":\"SENTINEL\"}'")]
    public async Task A_byte_order_mark_in_what_it_prints_is_no_part_of_the_secret(string script)
    {
        _fixture.Program("tool", script);

        Assert.Equal("SENTINEL", (await _fixture.FetchAsync(Tool)).Secret);
    }

    [Fact]
    public async Task It_starts_in_the_home_or_at_the_root_and_never_in_the_temporary_folder()
    {
        _fixture.Program("tool", "pwd");
        Assert.Equal(_fixture.Home.Home, (await _fixture.FetchAsync(Tool)).Secret);

        System.IO.File.SetUnixFileMode(_fixture.Home.Home, (UnixFileMode)0x1FF);
        Assert.Equal("/", (await _fixture.FetchAsync(Tool)).Secret);
        Assert.Contains($"\nHOME={_fixture.Home.Home}\n", $"\n{_fixture.Record("tool", "env")}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_home_is_ours_it_starts_at_the_root_with_no_home_of_another_user()
    {
        _fixture.Program("tool", "pwd; test -z \"${HOME+set}\" || echo HOME is set");
        _fixture.Foreign.UnionWith([_fixture.Home.Home, _fixture.DaemonHome.Home]);

        Assert.Equal("/", (await _fixture.FetchAsync(Tool)).Secret);
    }

    [Theory]
    [InlineData("", "me", ProblemKind.BadAnswer, "one line")]
    [InlineData("echo SENTINEL; echo SENTINEL", "me", ProblemKind.BadAnswer, "one line")]
    [InlineData("echo '{\"username\":\"you\"}'", "me", ProblemKind.BadAnswer, "JSON without a secret")]
    [InlineData("echo '{\"secret\":\"\"}'", "me", ProblemKind.BadAnswer, "JSON without a secret")]
    [InlineData("echo '{SENTINEL'", "me", ProblemKind.BadAnswer, "JSON without a secret")]
    [InlineData(
        "echo '{\"secret\":\"SENTINEL\",\"expiresAt\":\"2026-01-02T12:00:00Z\"}'", "me", ProblemKind.CredentialsRejected, "expired at")]
    [InlineData("printf 'SENTINEL\\033[0m\\n'", "me", ProblemKind.BadAnswer, "control characters")]
    [InlineData("echo SENTINEL", null, ProblemKind.BadSetting, "no username")]
    [InlineData("echo SENTINEL; echo SENTINEL >&2; exit 2", "me", ProblemKind.NoCredentials, "exit code 2")]
    public async Task What_goes_wrong_is_told_without_what_it_printed(string script, string? username, ProblemKind kind, string why)
    {
        _fixture.Program("tool", script);

        Problem problem = await _fixture.FailAsync(Tool with { Username = username });

        Assert.Equal(kind, problem.Kind);
        Assert.Contains("tool", problem.Message, StringComparison.Ordinal);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_only_one_client_waits_for_ends_when_that_client_disconnects()
    {
        _fixture.Program("tool", $"echo $$ > {_fixture.Home.Home}/pid; exec sleep 600");
        _fixture.Configuration = SourceFixture.ConfigurationOf(null, (SourceFixture.Host, Tool with { Lifetime = TimeSpan.Zero }));
        (DuplexStream client, DuplexStream daemon) = DuplexStream.Pair();
        Task<Served> served = new FrameServer(_fixture.Dispatcher.AnswerAsync, _fixture.Clock).ServeAsync(daemon, CancellationToken.None);
        await client.WriteAsync(
            new Request("", Verb.Get, System.Text.Encoding.UTF8.GetBytes(SourceFixture.Host), _fixture.Variables).ToFrame(1)!,
            TestContext.Current.CancellationToken);
        string pid = Path.Combine(_fixture.Home.Home, "pid");
        await Eventually.HoldsAsync("the program runs", () => File.Exists(pid) && File.ReadAllText(pid).EndsWith('\n'));

        await client.DisposeAsync();

        Assert.Equal(Served.Disconnected, await served);
        await Eventually.HoldsAsync("the program has ended", () => !Directory.Exists($"/proc/{File.ReadAllText(pid).Trim()}"));
        Assert.DoesNotContain("served host", _fixture.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hosts_that_share_a_command_share_its_secret()
    {
        Assert.Equal(_fixture.Found(Tool).Key, _fixture.Found(Tool, "other.example.com").Key);
        Assert.NotEqual(_fixture.Found(Tool).Key, _fixture.Found(Tool with { Username = "you" }).Key);
        Assert.NotEqual(
            _fixture.Found(Tool).Key, _fixture.Found(Tool with { Arguments = new ValueList<string>(["tool", "auth a b", "$HOME;"]) }).Key);
        Assert.True(_fixture.Found(Tool).OutlivesRequest);
    }
}
