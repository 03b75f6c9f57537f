using System.Text.Json;
using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>
/// Names that turn the direction of writing, move the cursor or end a line: from the daemon, from files, from arguments and in paths.
/// </summary>
public sealed class HostileTextTests : IDisposable
{
    private const string Hostile = "evil\u202eelif\u001b[2J\u0000\r\u009b31m\u2028end";
    private const string Safe = "evil\\u202eelif\\u001b[2J\\u0000\\u000d\\u009b31m\\u2028";

    private readonly SomeUser _user = new();

    public HostileTextTests() => _user.Daemon.Answer = (verb, _) => Answer(verb);

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData("status")]
    [InlineData("refresh", "h.example")]
    [InlineData("show", Hostile)]
    [InlineData("org", "list")]
    [InlineData("org", "show", Hostile)]
    [InlineData("org", "show", Hostile + "?")]
    [InlineData("org", "validate")]
    [InlineData("use")]
    [InlineData("use", Hostile)]
    [InlineData("repo", "list")]
    [InlineData("repo", "create", Hostile, "-o", Hostile)]
    [InlineData("repo", "url", Hostile, "-o", Hostile)]
    [InlineData("repo", "delete", Hostile, "-o", Hostile, "--yes")]
    [InlineData("init", "--yes", "--file", "FILE")]
    [InlineData("setup", "--yes", "--host", Hostile)]
    [InlineData("setup", "--yes", "--host", "h.example")]
    [InlineData("export", "--format", "k8s-secret", "--name", Hostile, "h.example")]
    [InlineData("export", "--format", "k8s-secret", Hostile)]
    [InlineData("push", "kura", "image", "--url", "https://device", "--pid", "p", "--password-file", "evil\u202e\u001b[2J")]
    [InlineData("daemon", "start")]
    [InlineData("daemon", "stop", Hostile)]
    [InlineData(Hostile)]
    [InlineData("status", "--" + Hostile)]
    [InlineData("show", "image", "--format", Hostile)]
    public void No_command_lets_a_hostile_name_reach_the_terminal(params string[] arguments)
    {
        _user.HasConfig(JsonSerializer.Serialize(new { credHelpers = new Dictionary<string, string> { [Hostile[..20]] = Hostile[..20] } }));
        _user.Run([.. arguments.Select(argument => argument == "FILE" ? Path.Combine(_user.Home, "evil\u202e\u001b[2J😀") : argument)]);
        Assert.NotEqual("", _user.Out + _user.Error);
        AssertSafe();
    }

    [Theory]
    [InlineData("token", "h.example")]
    [InlineData("export", "--format", "dockerconfigjson", "h.example")]
    [InlineData("repo", "list")]
    [InlineData("init", "--yes")]
    [InlineData("use", "acme")]
    [InlineData("setup", "--yes")]
    [InlineData("setup", "--yes", "--creds-store")]
    [InlineData("status")]
    [InlineData("repo", "create", "a", "-o", "acme", "--parents")]
    public void What_the_daemon_says_is_wrong_is_made_safe_line_by_line(params string[] arguments)
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says($"{Hostile}\n", $"ark: error: {Hostile}\nark: hint: {Hostile}\n", 1);
        Assert.Equal(1, _user.Run(arguments));
        Assert.StartsWith($"ark: error: {Safe}", _user.Error, StringComparison.Ordinal);
        Assert.Contains($"\nark: hint: {Safe}", _user.Error, StringComparison.Ordinal);
        AssertSafe();
    }

    [Fact]
    public void An_emoji_in_a_path_stays_an_emoji()
    {
        _user.Environment["DOCKER_CONFIG"] = Path.Combine(_user.Home, "🐳 naïve");
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", "h.example"));
        Assert.Contains($"wrote {Path.Combine(_user.Home, "🐳 naïve", "config.json")};", _user.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_turns_the_direction_of_writing_is_written_to_and_shown_escaped()
    {
        _user.Environment["DOCKER_CONFIG"] = Path.Combine(_user.Home, "evil\u202e");
        Assert.Equal(0, _user.Run("setup", "--yes", "--host", "h.example"));
        Assert.True(File.Exists(Path.Combine(_user.Home, "evil\u202e", "config.json")));
        Assert.Contains(Path.Combine(_user.Home, @"evil\u202e", "config.json"), _user.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HOME", "setup", "--yes", "--host", "h.example")]
    [InlineData("DOCKER_CONFIG", "setup", "--yes", "--host", "h.example")]
    [InlineData("XDG_STATE_HOME", "setup", "--yes", "--host", "h.example")]
    [InlineData("XDG_RUNTIME_DIR", "setup", "--yes", "--host", "h.example")]
    [InlineData("PATH", "setup", "--yes", "--host", "h.example")]
    [InlineData("HOME", "init", "--yes")]
    public void A_variable_with_a_NUL_in_it_is_named(string variable, params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "other variables count there");
        _user.Environment[variable] = "/tmp/a\0b";
        Assert.Equal(1, _user.Run(arguments));
        Assert.Equal($"ark: error: {variable} contains a NUL character\nark: hint: set {variable} to a valid path\n", _user.Error);
    }

    [Fact]
    public void A_password_is_printed_to_the_byte_whatever_it_is_made_of()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("\u202e\u001b[2J😀\n");
        Assert.Equal((0, "\u202e\u001b[2J😀\n"), (_user.Run("token", "h.example"), _user.Out));
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("""{"host":"h","username":"AWS","secret":"\u202e\u001b[2J😀","expiresAt":null}""");
        Assert.Equal((0, "\u202e\u001b[2J😀\n"), (_user.Run("token", "h.example", "--verbose"), _user.Out));
    }

    private void AssertSafe() => Assert.DoesNotContain(
        _user.Out + _user.Error, letter => (char.IsControl(letter) && letter != '\n') || letter is '\u202e' or '\u2028' or '\ufffd');

    private static AskResult.Answered Answer(Verb verb)
    {
        string json = JsonSerializer.Serialize(Hostile);
        return verb switch
        {
            Verb.Status => FakeDaemon.Says($$$"""
                {"daemon":{"pid":1,"version":{{{json}}},"uptimeSeconds":1,"requests":1},"entries":[{"host":{{{json}}},
                "organization":{{{json}}},"source":{{{json}}},"identity":{{{json}}},"state":{{{json}}},"expiresAt":null,
                "refreshAt":null,"lastFetchReason":null,"lastError":{{{json}}},"fetches":1,"hits":1}]}
                """),
            Verb.Organizations => FakeDaemon.Says($$$"""
                {"file":"/f","using":{{{json}}},"defaultOrganization":{{{json}}},"organizations":[
                {"id":{{{json}}},"name":{{{json}}},"registries":[
                {"hosts":[{{{json}}}],"repositoryPrefix":{{{json}}},"source":{"type":"ecr","identity":{{{json}}}}}]}]}
                """),
            Verb.ListRepositories => FakeDaemon.Says($$$"""{"repositories":[{"organization":"x","url":{{{json}}}}]}"""),
            Verb.Describe => FakeDaemon.Says($$$"""
                {"host":{{{json}}},"repository":{{{json}}},"tag":{{{json}}},"digest":{{{json}}},"organization":{{{json}}},
                "username":{{{json}}},"secret":null,"expiresAt":null}
                """),
            _ => FakeDaemon.Says($"{Hostile}\n", $"ark: note: {Hostile}\n"),
        };
    }
}
