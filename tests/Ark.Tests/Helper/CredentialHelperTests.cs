using System.Text;
using Ark.Client;
using Ark.Helper;
using Ark.Tests.Cli;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Helper;

public sealed class CredentialHelperTests
{
    private const string Secret = "SENTINEL-password";

    private readonly FakeDaemon _daemon = new();
    private Input _input = new Input.NotEnded();
    private int _reads;

    public static TheoryData<string[]> NotOneVerb =>
        new((string[][])[[], ["get", The.Host], ["get", "get"], ["get", ""], ["GET"], ["Get"], [""], [" get"], ["--get"], ["get\n"]]);

    [Theory]
    [InlineData("docker-credential-ark", null)]
    [InlineData("/usr/local/bin/docker-credential-ark", null)]
    [InlineData("docker-credential-ark-acme", "acme")]
    [InlineData("./bin/docker-credential-ark-tbd-robotics", "tbd-robotics")]
    [InlineData("docker-credential-ark-", null)]
    [InlineData("docker-credential-arkansas", null)]
    [InlineData("", null)]
    public void The_name_that_it_is_called_by_chooses_the_organization(string program, string? organization) =>
        Assert.Equal(organization, CredentialHelper.OrganizationOf(program));

    [Theory]
    [InlineData("get", Verb.Get)]
    [InlineData("store", Verb.Store)]
    [InlineData("erase", Verb.Erase)]
    public void Get_store_and_erase_relay_both_ways_byte_for_byte(string verb, Verb asked)
    {
        byte[] sent = [0xEF, 0xBB, 0xBF, .. "{\"ü\r\n "u8, 0];
        Receives(sent);
        _daemon.Answer = (_, _) => new AskResult.Answered(new Reply(1, [0xFF, 0, 1], [0xFE, 2], "0.1.0"));
        Output output = Run(verb);
        Assert.Equal((1, new byte[] { 0xFF, 0, 1 }, new byte[] { 0xFE, 2 }), (output.ExitCode, output.Stdout, output.Stderr), Bytes);
        Assert.Equal([(asked, Encoding.UTF8.GetString([0xEF, 0xBB, 0xBF, .. "{\"ü\r\n "u8, 0]), StartMode.StartIfAbsent)], _daemon.Asked);
    }

    [Fact]
    public void What_came_in_is_wiped()
    {
        byte[] sent = Encoding.UTF8.GetBytes(Secret);
        Receives(sent);
        Run("store");
        Assert.All(sent, one => Assert.Equal(0, one));
    }

    [Theory]
    [InlineData("get")]
    [InlineData("store")]
    public void Unusable_input_is_an_error_on_both_streams_and_nobody_is_asked(string verb)
    {
        foreach (Input input in new Input[] { new Input.NotEnded(), new Input.TooLong(), new Input.Unusable() })
        {
            _input = input;
            Output output = Run(verb);
            Assert.Equal(1, output.ExitCode);
            string message = Text(output.Stdout).TrimEnd('\n');
            Assert.StartsWith("standard input ", message, StringComparison.Ordinal);
            Assert.StartsWith($"ark: error: {message}\nark: hint: ", Text(output.Stderr), StringComparison.Ordinal);
        }

        Assert.Empty(_daemon.Asked);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("store")]
    public void A_daemon_that_cannot_be_asked_is_an_error_and_never_the_not_found_sentence(string verb)
    {
        foreach (AskResult result in new AskResult[] { new AskResult.Failed("no socket", "make one"), new AskResult.Absent() })
        {
            Receives("host"u8.ToArray());
            _daemon.Answer = (_, _) => result;
            Output output = Run(verb);
            Assert.Equal(1, output.ExitCode);
            Assert.DoesNotContain("not found in native keychain", Text(output.Stdout), StringComparison.Ordinal);
            Assert.Contains("ark: hint: ", Text(output.Stderr), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Erase_is_silent_where_nobody_can_be_asked()
    {
        foreach (AskResult result in new AskResult[] { new AskResult.Failed("no", "hint"), new AskResult.Absent() })
        {
            Receives("host"u8.ToArray());
            _daemon.Answer = (_, _) => result;
            Assert.Same(Output.Silence, Run("erase"));
        }

        foreach (Input input in new Input[] { new Input.NotEnded(), new Input.TooLong(), new Input.Unusable() })
        {
            _input = input;
            Assert.Same(Output.Silence, Run("erase"));
        }
    }

    [Fact]
    public void List_passes_the_answer_on_and_reads_no_input()
    {
        _daemon.Answer = (_, _) => FakeDaemon.Says("{\"h\":\"AWS\"}\n", "note\n");
        Output output = Run("list");
        Assert.Equal((0, "{\"h\":\"AWS\"}\n", "note\n"), (output.ExitCode, Text(output.Stdout), Text(output.Stderr)));
        Assert.Equal([(Verb.List, "", StartMode.StartIfAbsent)], _daemon.Asked);
        Assert.Equal(0, _reads);
    }

    [Fact]
    public void List_never_fails()
    {
        const string invalid = "ark: error: the configuration is invalid\n";
        var failing = new (AskResult, string)[]
        {
            (new AskResult.Failed("no socket", "make one"), "ark: error: no socket\nark: hint: make one\n"),
            (FakeDaemon.Says("the configuration is invalid\n", invalid, 1), invalid),
            (new AskResult.Absent(), ""),
        };
        foreach ((AskResult result, string error) in failing)
        {
            _daemon.Answer = (_, _) => result;
            Output output = Run("list");
            Assert.Equal((0, "{}\n", error), (output.ExitCode, Text(output.Stdout), Text(output.Stderr)));
        }
    }

    [Theory]
    [InlineData("version")]
    [InlineData("--version")]
    [InlineData("-v")]
    public void Version_is_one_line_without_a_daemon(string verb)
    {
        Says(0, $"docker-credential-ark (ark) {Build.Current}\n", verb);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Help_is_no_failure(string verb)
    {
        Output output = Run(verb);
        Assert.Equal(0, output.ExitCode);
        Assert.StartsWith("Usage: docker-credential-ark <store|get|erase|list|version>\n", Text(output.Stdout), StringComparison.Ordinal);
        Assert.Empty(_daemon.Asked);
    }

    [Theory]
    [MemberData(nameof(NotOneVerb))]
    public void Anything_but_one_verb_is_usage_and_asks_nobody(string[] arguments)
    {
        Output output = Run(arguments);
        Assert.Equal(1, output.ExitCode);
        Assert.EndsWith("Usage: docker-credential-ark <store|get|erase|list|version>\n", Text(output.Stdout), StringComparison.Ordinal);
        Assert.Empty(output.Stderr);
        Assert.Empty(_daemon.Asked);
        Assert.Equal(0, _reads);
    }

    [Fact]
    public void An_unknown_verb_is_named_unless_a_terminal_could_not_take_it()
    {
        Says(1, "docker-credential-ark: unknown action: fetch\nUsage: docker-credential-ark <store|get|erase|list|version>\n", "fetch");
        Says(1, "Usage: docker-credential-ark <store|get|erase|list|version>\n", "\u001b[31mred");
        Says(1, "Usage: docker-credential-ark <store|get|erase|list|version>\n", new string('x', 33));
    }

    private static bool Bytes((int, byte[], byte[]) a, (int, byte[], byte[]) b) =>
        a.Item1 == b.Item1 && a.Item2.AsSpan().SequenceEqual(b.Item2) && a.Item3.AsSpan().SequenceEqual(b.Item3);

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private void Says(int exitCode, string stdout, params string[] arguments)
    {
        Output output = Run(arguments);
        Assert.Equal((exitCode, stdout, ""), (output.ExitCode, Text(output.Stdout), Text(output.Stderr)));
        Assert.Empty(_daemon.Asked);
    }

    private void Receives(byte[] bytes) => _input = new Input.Read(bytes);

    private Output Run(params string[] arguments) => new CredentialHelper(
        () =>
        {
            _reads++;
            return _input;
        },
        _daemon).Run(arguments);
}
