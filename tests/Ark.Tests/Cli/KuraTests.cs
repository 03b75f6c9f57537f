using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Ark.Client;
using Ark.Testing.Registries;
using Ark.Wire;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class KuraTests : IDisposable
{
    private const string Image = The.Host + "/team/app:1.2";

    private const string Described = $$"""
        {"host":"{{The.Host}}","repository":"team/app","tag":"1.2","digest":null,"organization":null,"repositoryPrefix":null,
         "username":"AWS","secret":"{{The.Password}}+/\"=","expiresAt":"2026-01-02T23:30:00+00:00"}
        """;

    private readonly SomeUser _user = new();
    private readonly string _passwordFile;

    public KuraTests()
    {
        _passwordFile = Path.Combine(_user.Home, "kura password");
        WritePasswordFile(StandInKura.Password + "\n");
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(Described);
    }

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData(false, "false")]
    [InlineData(true, "true")]
    public async Task The_fresh_password_reaches_the_container_and_nothing_else(bool snapshot, string takeSnapshot)
    {
        await using var kura = await StandInKura.StartAsync();

        int code = await PushAsync(kura.Url, snapshot ? ["--snapshot"] : []);

        Assert.Equal((0, ""), (code, _user.Error));
        Assert.Equal($"app now has the password for {The.Host}, which expires at 2026-01-02T23:30:00Z, in 11 h 30 min\n", _user.Out);
        Assert.Equal(
            [
                "GET /services/configuration/v2/configurableComponents/pidsWithFactory",
                "PUT /services/configuration/v2/configurableComponents/configurations/_update "
                    + """{"configs":[{"pid":"app","properties":{"registry.password":{"type":"PASSWORD","value":"""
                    + "\"SENTINEL-password\\u002B/\\u0022=\"}}}],\"takeSnapshot\":" + takeSnapshot + "}",
            ],
            kura.Requests);
        Assert.Equal([(Verb.Describe, Image, StartMode.StartIfAbsent)], _user.Daemon.Asked);
    }

    [Fact]
    public async Task The_password_of_the_user_may_come_by_standard_input()
    {
        await using var kura = await StandInKura.StartAsync();
        _user.Answers.Enqueue(StandInKura.Password + "\r");

        Assert.Equal(0, await RunAsync("push", "kura", Image, "--url", kura.Url, "--pid", "app", "--user", "admin", "--password-stdin"));
    }

    [Fact]
    public async Task The_address_may_have_a_path()
    {
        await using var kura = await StandInKura.StartAsync();

        Assert.Equal(1, await PushAsync($"{kura.Url}behind/a/door"));
        Assert.Equal(["GET /behind/a/door/services/configuration/v2/configurableComponents/pidsWithFactory"], kura.Requests);
    }

    [Theory]
    [InlineData("missing", " has no component missing")]
    [InlineData("clock", "clock on 127.0.0.1:")]
    public async Task A_component_that_is_no_container_of_the_device_is_told_before_any_password_is_asked_for(string pid, string error)
    {
        await using var kura = await StandInKura.StartAsync();

        Assert.Equal(1, await RunAsync("push", "kura", Image, "--url", kura.Url, "--pid", pid, "--password-file", _passwordFile));

        Assert.Contains(error, _user.Error, StringComparison.Ordinal);
        Refused();
        Assert.Empty(_user.Daemon.Asked);
        Assert.Single(kura.Requests);
    }

    [Theory]
    [InlineData(401, "", "rejected the password of the user admin")]
    [InlineData(403, "", "the Kura user admin may not change configurations")]
    [InlineData(404, "<html>", "no configuration service of Kura at 127.0.0.1:")]
    [InlineData(500, """{"message":"whoever answers before the password is taken"}""", "refused with 500\n")]
    [InlineData(503, "busy", "refused with 503\n")]
    [InlineData(200, "<html>log in</html>", "is not from Kura")]
    [InlineData(200, """{"components":[{"id":1}]}""", "is not from Kura")]
    public async Task What_Kura_refuses_is_told_with_its_reason(int status, string body, string error)
    {
        await using var kura = await StandInKura.StartAsync();
        kura.AnswersAll = context => StandInKura.Says(context, status, body);

        Assert.Equal(1, await PushAsync(kura.Url));

        Assert.Contains(error, _user.Error, StringComparison.Ordinal);
        Refused();
        Assert.Empty(_user.Daemon.Asked);
    }

    [Theory]
    [InlineData(500, """{"message":"database\u001b[2J is full"}""", "refused with 500: database\\u001b[2J is full\n")]
    [InlineData(500, """{"failures":[{"message":"no such property"},{"message":"second"}]}""", "refused with 500: no such property\n")]
    [InlineData(400, """{"failures":[],"message":5}""", "refused with 400\n")]
    public async Task A_refused_change_is_told_with_its_reason(int status, string body, string error)
    {
        await using var kura = await StandInKura.StartAsync();
        kura.AnswersUpdate = context => StandInKura.Says(context, status, body);

        Assert.Equal(1, await PushAsync(kura.Url));

        Assert.Contains(error, _user.Error, StringComparison.Ordinal);
        Refused();
    }

    [Theory]
    [InlineData("""SENTINEL-password+/"=""")]
    [InlineData("""{"value":"SENTINEL-password\u002B/\u0022="}""")]
    [InlineData(StandInKura.Password)]
    [InlineData("Basic YWRtaW46U0VOVElORUwta3VyYTpwYXNzd29yZA==")]
    [InlineData("the first part, SENTINEL…")]
    [InlineData("the last part, …password+")]
    [InlineData("in other case, sentinel-pass")]
    [InlineData("%2B%2F%22%3D after SENTINEL%2Dpassword%2B%2F%22%3D")]
    [InlineData("U0VOVElORUwtcGFzc3dvcmQrLyI9")]
    [InlineData("in the base64 of more, eyJ2YWx1ZSI6IlNFTlRJTkVMLXBhc3N3b3Jk")]
    [InlineData("at another offset, WHhTRU5USU5FTC1wYXNzd29yZA")]
    [InlineData("and another, WFNFTlRJTkVMLXBhc3N3b3Jk")]
    public async Task A_reason_that_repeats_a_piece_of_what_was_sent_in_confidence_is_not_shown(string repeated)
    {
        await using var kura = await StandInKura.StartAsync();
        string answer = JsonSerializer.Serialize(new { message = $"cannot use {repeated} here" });
        kura.AnswersUpdate = context => StandInKura.Says(context, 500, answer);

        Assert.Equal(1, await PushAsync(kura.Url));

        Assert.Contains("refused with 500\n", _user.Error, StringComparison.Ordinal);
        Refused();
    }

    [Fact]
    public async Task A_reason_that_is_cut_within_the_secret_shows_less_than_a_piece_of_it()
    {
        await using var kura = await StandInKura.StartAsync();
        string answer = JsonSerializer.Serialize(new { message = $"{new string('.', 193)}{The.Password}" });
        kura.AnswersUpdate = context => StandInKura.Says(context, 500, answer);

        Assert.Equal(1, await PushAsync(kura.Url));

        Assert.Contains("....SENTINE\n", _user.Error, StringComparison.Ordinal);
        Refused();
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task No_password_goes_after_a_redirect(int status)
    {
        await using var elsewhere = await StandInKura.StartAsync();
        await using var kura = await StandInKura.StartAsync();
        kura.AnswersAll = context =>
        {
            context.Response.Headers.Location = elsewhere.Url;
            return StandInKura.Says(context, status, "");
        };

        Assert.Equal(1, await PushAsync(kura.Url));

        Assert.Contains(" redirected; not followed with credentials\n", _user.Error, StringComparison.Ordinal);
        Refused();
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_gets_no_password()
    {
        using var authority = new CertificateAuthority();
        await using var kura = await StandInKura.StartAsync(listen => listen.UseHttps(authority.For("127.0.0.1")));

        Assert.Equal(1, await PushAsync(kura.Url));

        Assert.StartsWith("ark: error: no trusted TLS connection to 127.0.0.1:", _user.Error, StringComparison.Ordinal);
        Refused();
        Assert.Empty(kura.Requests);
    }

    [Fact]
    public async Task A_device_that_is_off_is_told()
    {
        // Bound, so that nobody else gets the port, but not listening.
        using var off = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        off.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        Assert.Equal(1, await PushAsync($"https://{off.LocalEndPoint}"));

        Assert.Contains(" cannot be reached\n", _user.Error, StringComparison.Ordinal);
        Refused();
    }

    [Fact]
    public async Task A_device_that_never_answers_is_given_up()
    {
        await using var kura = await StandInKura.StartAsync();
        var asked = new TaskCompletionSource();
        kura.AnswersAll = context =>
        {
            asked.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        };

        Task<int> push = PushAsync(kura.Url);
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        _user.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(1, await push);
        Assert.Contains("did not answer within 30 seconds", _user.Error, StringComparison.Ordinal);
        Refused();
    }

    [Theory]
    [InlineData("http://device.example.com/", "refusing to send a password to device.example.com over plain http")]
    [InlineData("http://192.168.1.4/", "refusing to send a password to 192.168.1.4 over plain http")]
    [InlineData("https://admin:SENTINEL@device.example.com/", "--url contains a user or a password")]
    [InlineData("ftp://device.example.com/", "--url is not the address of a device")]
    [InlineData("device.example.com", "--url is not the address of a device")]
    [InlineData("https://device.example.com/?SENTINEL", "--url is not the address of a device")]
    public async Task A_password_is_only_sent_where_it_is_safe(string url, string error)
    {
        Assert.Equal(1, await PushAsync(url));
        Assert.StartsWith($"ark: error: {error}", _user.Error, StringComparison.Ordinal);
        Refused();
        Assert.Empty(_user.Daemon.Asked);
    }

    [Theory]
    [InlineData("no password given for the Kura user")]
    [InlineData("no password given for the Kura user", "--password-stdin", "--password-file", "x")]
    [InlineData("no password given for the Kura user", "--password-file", "")]
    [InlineData("no password in standard input", "--password-stdin")]
    [InlineData("the name of a Kura user cannot contain a colon", "--password-stdin", "--user", "a:SENTINEL")]
    public async Task Where_the_password_of_the_user_comes_from_must_be_clear(string error, params string[] options)
    {
        Assert.Equal(1, await RunAsync(["push", "kura", Image, "--url", "https://device.example.com", "--pid", "app", .. options]));
        Assert.StartsWith($"ark: error: {error}\n", _user.Error, StringComparison.Ordinal);
        Refused();
    }

    [Fact]
    public async Task A_password_file_that_is_no_file_is_refused_without_a_word_of_closing_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no named pipes in folders");
        string pipe = Path.Combine(_user.Root, "pipe");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", ["-m", "666", pipe]))
        {
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        string[] push = ["push", "kura", Image, "--url", "https://device.example.com", "--pid", "app", "--password-file", pipe];
        Assert.Equal(1, await RunAsync(push));
        Assert.StartsWith($"ark: error: {pipe} is not an ordinary file\n", _user.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("chmod", _user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_file_that_others_can_read_or_that_is_empty_or_missing_is_refused()
    {
        foreach (string text in (string[])["", "\n", "\nSENTINEL", new('x', 5000)])
        {
            WritePasswordFile(text);
            Assert.Equal(1, await PushAsync("https://device.example.com"));
            Assert.Contains("no password in ", _user.Error, StringComparison.Ordinal);
            Refused();
        }

        if (!OperatingSystem.IsWindows())
        {
            WritePasswordFile("SENTINEL");
            File.SetUnixFileMode(_passwordFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Equal(1, await PushAsync("https://device.example.com"));
            Assert.StartsWith("ark: error: others can read or change ", _user.Error, StringComparison.Ordinal);
            Refused();
        }

        File.Delete(_passwordFile);
        Assert.Equal(1, await PushAsync("https://device.example.com"));
        Assert.StartsWith("ark: error: no file ", _user.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "credentials not found in native keychain\n", "", "is not a registry that ark serves")]
    [InlineData(0, """{"host":"h","username":null,"secret":null,"expiresAt":null}""", "", "is not a registry that ark serves")]
    [InlineData(1, "expired\n", "ark: error: expired\nark: hint: log in\n", "ark: error: expired\nark: hint: log in\n")]
    public async Task Without_a_registry_password_nothing_is_changed(int exitCode, string stdout, string stderr, string error)
    {
        await using var kura = await StandInKura.StartAsync();
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(stdout, stderr, exitCode);

        Assert.Equal(1, await PushAsync(kura.Url));

        Assert.Contains(error, _user.Error, StringComparison.Ordinal);
        Refused();
        Assert.Single(kura.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"host\":\"h\",\"secret\":\"SENTINEL\"}")]
    [InlineData("{\"host\":\"h\",\"username\":\"AWS\",\"secret\":5,\"expiresAt\":null}")]
    [InlineData("{\"host\":null,\"username\":null,\"secret\":null,\"expiresAt\":null}")]
    [InlineData("{\"host\":\"h\",\"username\":\"AWS\",\"secret\":\"SENTINEL\"}")]
    [InlineData("{\"host\":\"h\",\"username\":\"AWS\",\"secret\":\"SENTINEL\",\"expiresAt\":\"SENTINEL\"}")]
    public async Task An_answer_of_the_daemon_that_cannot_be_read_changes_nothing(string answer)
    {
        await using var kura = await StandInKura.StartAsync();
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(answer);

        Assert.Equal(1, await PushAsync(kura.Url));

        Assert.StartsWith("ark: error: the daemon's credentials cannot be read\n", _user.Error, StringComparison.Ordinal);
        Refused();
        Assert.Single(kura.Requests);
    }

    private Task<int> PushAsync(string url, params string[] options) =>
        RunAsync(["push", "kura", Image, "--url", url, "--pid", "app", "--password-file", _passwordFile, .. options]);

    // The command line waits for its commands; a test that moves the clock meanwhile must not.
    private Task<int> RunAsync(params string[] arguments) => Task.Run(() => _user.Run(arguments), TestContext.Current.CancellationToken);

    /// <summary>One error, one hint, and no secret in either.</summary>
    private void Refused()
    {
        Assert.Matches("\\Aark: error: (Kura |[^A-Z\n])[^\n]*[^.\n]\nark: hint: [^\n]+\n\\z", _user.Error);
        Assert.Equal("", _user.Out);
        Assert.DoesNotContain("SENTINEL", _user.Error, StringComparison.Ordinal);
    }

    private void WritePasswordFile(string text)
    {
        File.Delete(_passwordFile);
        File.WriteAllText(_passwordFile, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_passwordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
