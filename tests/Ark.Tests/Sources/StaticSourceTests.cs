using Ark.Core.Problems;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Tests.Daemon;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Sources;

public sealed class StaticSourceTests : IDisposable
{
    private const string File = "secrets/registry";

    private static readonly StaticSource Kept = new("me", new SecretReference.File($"~/{File}"));

    private readonly SourceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("SENTINEL\n", "me", "SENTINEL")]
    [InlineData("{\"username\":\"you\",\"secret\":\"SENTINEL\"}\n", "me", "SENTINEL")]
    [InlineData("{\n\t\"private_key\":\"SENTINEL\"\n}\n", "me", "{\n\t\"private_key\":\"SENTINEL\"\n}")]
    [InlineData("{\"private_key\":\"SENTINEL\"}\n", "me", "{\"private_key\":\"SENTINEL\"}")]
    [InlineData("{\"a\":{\"secret\":\"SENTINEL\"}}", "me", "{\"a\":{\"secret\":\"SENTINEL\"}}")]
    public async Task A_file_holds_the_secret_alone_or_with_its_user(string content, string username, string secret)
    {
        _fixture.Home.Write(File, content);

        (string user, string read, TimeSpan life) = await _fixture.FetchAsync(Kept);

        Assert.Equal((username, secret), (user, read));
        Assert.Equal(TimeSpan.FromHours(12), life);
    }

    [Fact]
    public async Task The_file_may_say_who_the_user_is()
    {
        string path = _fixture.Home.Write(File, """{"username":"you","secret":"SENTINEL"}""");

        Assert.Equal("you", (await _fixture.FetchAsync(new StaticSource(null, new SecretReference.File(path)))).Username);

        _fixture.Home.Write(File, "SENTINEL");
        Assert.Contains("no username", (await _fixture.FailAsync(Kept with { Username = null })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"username":"SENTINEL","secret":12}""")]
    [InlineData("""{"username":"SENTINEL","secret":null}""")]
    [InlineData("""{"secret":"SENTINEL","Secret":"SENTINEL"}""")]
    [InlineData("""{"username":12,"secret":"SENTINEL"}""")]
    [InlineData("""{"username":"me","secret":"SENTINEL",}""")]
    [InlineData("""{"username":"me","password":"SENTINEL" """)]
    [InlineData("""{"private_key":"SENTINEL"} x""")]
    public async Task Json_with_a_mistake_in_it_is_no_secret(string content)
    {
        _fixture.Home.Write(File, content);

        Problem problem = await _fixture.FailAsync(Kept);

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.Contains("holds no secret that can be read", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edited_file_counts_at_once()
    {
        _fixture.Configuration = SourceFixture.ConfigurationOf(null, (SourceFixture.Host, Kept));
        _fixture.Home.Write(File, "SENTINEL-1");
        Assert.Contains("SENTINEL-1", (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out(), StringComparison.Ordinal);

        _fixture.Home.Write(File, "SENTINEL-of-another-length");
        Assert.Contains("another-length", (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_opened_to_others_is_served_no_more()
    {
        _fixture.Configuration = SourceFixture.ConfigurationOf(null, (SourceFixture.Host, Kept));
        string path = _fixture.Home.Write(File, "SENTINEL-1");
        Assert.Contains("SENTINEL-1", (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out(), StringComparison.Ordinal);

        Loosen(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);

        Assert.DoesNotContain("SENTINEL-1", (await _fixture.Ask(Verb.Get, SourceFixture.Host)).Out(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_can_edit_a_file_and_set_its_time_back_unnoticed()
    {
        DateTime written = _fixture.Clock.GetUtcNow().UtcDateTime;
        string path = _fixture.Home.Write(File, "SENTINEL-1");
        string Edited(string content)
        {
            System.IO.File.WriteAllText(path, content);
            System.IO.File.SetLastWriteTimeUtc(path, written);
            return _fixture.Secrets.StampOf(Kept.Secret, _fixture.Caller);
        }

        // Two edits within one tick of the file system's clock look the same.
        string before = Edited("SENTINEL-1");
        Assert.True(SpinWait.SpinUntil(() => Edited("SENTINEL-2") != before, TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, "640")]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite, "602")]
    public async Task A_file_that_others_can_look_at_is_refused(UnixFileMode mode, string shown)
    {
        Loosen(_fixture.Home.Write(File, "SENTINEL"), mode);

        Problem problem = await _fixture.FailAsync(Kept);

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.Contains($"mode {shown}", problem.Message, StringComparison.Ordinal);
        Assert.Contains("chmod 600", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_others_can_replace_is_refused()
    {
        string path = _fixture.Home.Write(File, "SENTINEL");
        const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        Loosen(Path.GetDirectoryName(path)!, Open);

        Assert.Contains(
            $"{Path.GetDirectoryName(path)} can be written by others", (await _fixture.FailAsync(Kept)).Message, StringComparison.Ordinal);

        string link = Path.Combine(_fixture.Home.Home, "link");
        System.IO.File.CreateSymbolicLink(link, path);
        Assert.Contains(
            "can be written by others",
            (await _fixture.FailAsync(new StaticSource("me", new SecretReference.File(link)))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loose_directory_far_above_the_file_lets_nobody_exchange_it()
    {
        string path = _fixture.Home.Write("loose/below/secret", "SENTINEL");
        Loosen(Path.Combine(_fixture.Home.Home, "loose"), (UnixFileMode)0x1FF);

        Problem problem = await _fixture.FailAsync(new StaticSource("me", new SecretReference.File(path)));

        Assert.EndsWith("/loose can be written by others (mode 777)", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith($"chmod go-w {Path.Combine(_fixture.Home.Home, "loose")}", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_byte_order_mark_in_a_file_is_no_part_of_the_secret()
    {
        _fixture.Home.Write(File, "\uFEFFSENTINEL\n");
        Assert.Equal("SENTINEL", (await _fixture.FetchAsync(Kept)).Secret);

        _fixture.Home.Write(File, "\uFEFF{\"username\":\"you\",\"secret\":\"SENTINEL\"}");
        Assert.Equal("SENTINEL", (await _fixture.FetchAsync(Kept)).Secret);
    }

    [Fact]
    public async Task What_is_no_ordinary_file_of_ordinary_size_is_refused()
    {
        Assert.Contains("does not exist", (await _fixture.FailAsync(Kept)).Message, StringComparison.Ordinal);

        string path = _fixture.Home.Write(File, "");
        Assert.Contains("no secret", (await _fixture.FailAsync(Kept)).Message, StringComparison.Ordinal);

        _fixture.Home.Write(File, "SENTINEL\u007f");
        Assert.Contains("control characters", (await _fixture.FailAsync(Kept)).Message, StringComparison.Ordinal);

        _fixture.Home.Write(File, new string('s', (64 * 1024) + 1));
        Assert.Contains("64 KiB", (await _fixture.FailAsync(Kept)).Message, StringComparison.Ordinal);

        System.IO.File.Delete(path);
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", ["-m", "600", path]))
        {
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("not an ordinary file", (await _fixture.FailAsync(Kept)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_may_be_kept_by_another_helper()
    {
        _fixture.Program("docker-credential-pass", """echo '{"Username":"you","Secret":"SENTINEL"}'""");
        var source = new StaticSource(null, new SecretReference.Helper("pass", "robot"));

        Assert.Equal(("you", "SENTINEL", TimeSpan.FromMinutes(5)), await _fixture.FetchAsync(source));
        Assert.Equal("robot", _fixture.Record("docker-credential-pass", "stdin"));
        Assert.Equal("me", (await _fixture.FetchAsync(source with { Username = "me" })).Username);
    }

    [Fact]
    public async Task What_the_configuration_promises_and_the_helper_does_not_have_is_an_error()
    {
        _fixture.Program("docker-credential-pass", "echo 'credentials not found in native keychain'; exit 1");

        Problem problem = await _fixture.FailAsync(new StaticSource("me", new SecretReference.Helper("pass", "robot")));

        Assert.Equal(ProblemKind.NoCredentials, problem.Kind);
        Assert.Contains("keeps nothing under robot", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_may_be_printed_by_a_command()
    {
        _fixture.Program("tool", "echo SENTINEL");

        Assert.Equal(
            ("me", "SENTINEL", TimeSpan.FromMinutes(5)),
            await _fixture.FetchAsync(new StaticSource("me", new SecretReference.Command(new ValueList<string>(["tool", "x"])))));
    }

    [Fact]
    public async Task A_reader_of_secrets_serves_other_sources_too()
    {
        _fixture.Home.Write(File, """{"username":"AKIA","secret":"SENTINEL"}""");

        Outcome<Credential> outcome = await _fixture.Secrets.ReadAsync(Kept.Secret, _fixture.Caller, TestContext.Current.CancellationToken);

        Assert.True(outcome.Succeeded(out Credential? read, out _));
        Assert.Equal(("AKIA", "SENTINEL"), (read.Username, System.Text.Encoding.UTF8.GetString(read.Secret.Span)));
        Assert.DoesNotContain("SENTINEL", read.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_of_secrets_notices_that_a_file_was_edited_or_removed()
    {
        string Stamp() => _fixture.Secrets.StampOf(Kept.Secret, _fixture.Caller);
        string path = _fixture.Home.Write(File, "SENTINEL-1");
        string before = Stamp();
        Assert.Equal(before, Stamp());

        _fixture.Home.Write(File, "SENTINEL-of-another-length");
        string edited = Stamp();
        System.IO.File.Delete(path);

        Assert.Equal(3, new[] { before, edited, Stamp() }.Distinct().Count());
        Assert.Equal("", _fixture.Secrets.StampOf(new SecretReference.Helper("pass", "x"), _fixture.Caller));
    }

    [Fact]
    public void It_is_never_renewed_with_nobody_there()
    {
        ITokenSource source = _fixture.Found(Kept);

        Assert.False(source.OutlivesRequest);
        Assert.Equal($"~/{File}", source.Identity);
    }

    private static void Loosen(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, mode);
        }
    }
}
