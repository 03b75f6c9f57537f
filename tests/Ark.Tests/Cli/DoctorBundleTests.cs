using Ark.Cli.Doctor;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary><c>ark doctor --bundle</c> writes what others need to help, and nothing that they must not see.</summary>
public sealed class DoctorBundleTests : IDisposable
{
    private const string Sentinel = "SENTINEL-bundle";
    private const string LongSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    private readonly SomeUser _user = new();

    public DoctorBundleTests()
    {
        string configuration = Path.Combine(_user.Home, "config.json");
        File.WriteAllText(configuration, $$$"""
            {
              // {{{Sentinel}}}-comment
              "proxy": {"https": "http://me:{{{Sentinel}}}-proxy@proxy.example:3128"},
              "organizations": [{"name": "tbd", "registries": [{"hosts": ["registry.example"],
                "source": {"type": "static", "username": "me", "password": "{{{Sentinel}}}-password", "other": [{"x": "{{{Sentinel}}}-other"}]}}]}],
            }
            """);
        _user.Environment["AWS_SESSION_TOKEN"] = $"{Sentinel}-session";
        _user.Daemon.Answer = (verb, payload) => (verb, payload) switch
        {
            (Verb.Status, _) => FakeDaemon.Says($$"""
                {"daemon":{"pid":1,"version":"0.1.0","uptimeSeconds":5,"requests":1},"entries":[{"host":"registry.example","organization":"tbd",
                "source":"static","identity":"x","state":"failing","expiresAt":null,"refreshAt":null,"lastFetchReason":"first-use",
                "lastError":"it said {{Sentinel}}-password","fetches":1,"hits":0}]}
                """),
            (Verb.Organizations, _) => FakeDaemon.Says($$"""{"file":{{System.Text.Json.JsonSerializer.Serialize(configuration)}},"organizations":[]}"""),
            _ => FakeDaemon.Says(""),
        };
        string log = Path.Combine(Path.GetDirectoryName(_user.State)!, "arkd.log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        File.WriteAllText(log, $"""
            2026-01-02T12:00:00Z info started url=https://me:{Sentinel}-url@registry.example/
            2026-01-02T12:00:01Z warn odd authorization={Sentinel}-header key=AKIAIOSFODNN7EXAMPLE secret={LongSecret} session={Sentinel}-session
            2026-01-02T12:00:02Z info last path={_user.Home}/x

            """);
    }

    private string Bundle => Path.Combine(Path.GetDirectoryName(_user.State)!, $"doctor-{_user.Clock.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.txt");

    public void Dispose() => _user.Dispose();

    [Fact]
    public void It_says_what_was_found_and_holds_no_secret()
    {
        _user.Run("doctor", "--bundle");

        Assert.Contains($"ark: note: the report is in {Bundle}; ", _user.Error, StringComparison.Ordinal);
        string text = File.ReadAllText(Bundle);
        foreach (string part in (string[])
            [$"ark {Build.Current} on ", "== checks", "[FAIL] programs", "== status", "\"host\": \"registry.example\"", "== configuration", "\"type\": \"static\"", "== log", "info started", "info last path=~/x"])
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }

        foreach (string secret in (string[])[Sentinel, LongSecret, "AKIAIOSFODNN7EXAMPLE", _user.Home])
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void It_is_for_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes");
        _user.Run("doctor", "--bundle");

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Bundle));
        }
    }

    [Fact]
    public void A_file_that_is_there_is_not_overwritten()
    {
        File.WriteAllText(Bundle, "mine");

        Assert.Equal(1, _user.Run("doctor", "--bundle"));

        Assert.Contains($"ark: error: {Bundle} exists already and is not overwritten\n", _user.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Bundle));
    }

    [Fact]
    public void A_configuration_that_is_no_JSON_and_a_missing_log_are_left_out()
    {
        File.WriteAllText(Path.Combine(_user.Home, "config.json"), $"{{ \"password\": {Sentinel}");
        File.Delete(Path.Combine(Path.GetDirectoryName(_user.State)!, "arkd.log"));

        _user.Run("doctor", "--bundle");

        string text = File.ReadAllText(Bundle);
        Assert.Contains("it is no JSON, and left out", text, StringComparison.Ordinal);
        Assert.Contains("== log\nthere is none\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Sentinel}\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("password: hunter2x", "password: (redacted)")]
    [InlineData("https://me:pw@host/x", "https://(redacted)@host/x")]
    [InlineData("Authorization: Basic QVdTOnNlY3JldA==", "Authorization: (redacted) (redacted)")]
    [InlineData("secret=onlyletters", "secret=(redacted)")]
    [InlineData("no basic auth credentials", null)]
    [InlineData("organization 2ea25035-6aa4-42fb-9955-92288ea1b972 on 123456789012.dkr.ecr.us-east-1.amazonaws.com", null)]
    [InlineData("file /tmp/a/very/long/path/that/goes/on/and/on/for/ever/and/ever/config", null)]
    [InlineData("the secret is not shown, and the password neither", null)]
    public void What_looks_like_a_secret_goes_and_what_does_not_stays(string text, string? expected)
    {
        var examination = new Examination(_user.Environment.GetValueOrDefault, _user.Daemon, _ => _user.Daemon, _user.Clock, new DoctorRequest(null, true));

        Assert.Equal(expected ?? text, Redaction.Of(examination).Clean(text));
    }
}
