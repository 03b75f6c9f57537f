using System.Text;
using System.Text.RegularExpressions;
using Ark.Client;
using Ark.Tests.Architecture;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>
/// Sessions at a terminal, in <c>Scenarios/*.txt</c>: what a user has, what is typed after <c>$</c>, and every line that is printed. Lines
/// for standard error begin with <c>2&gt; </c>, <c>%</c> marks a last line without its end, and <c>[1]</c> is the exit code. With
/// <c>ARK_UPDATE=1</c> the files are rewritten to what is printed now.
/// </summary>
public sealed partial class ScenarioTests
{
    private static readonly string Folder = Repository.PathOf("tests/Ark.Tests/Cli/Scenarios");

    public static TheoryData<string, string> Scenarios =>
    [
        .. from file in Directory.GetFiles(Folder, "*.txt").Order(StringComparer.Ordinal)
           from scenario in Split(File.ReadAllText(file))
           select (Path.GetFileName(file), TitleOf(scenario)),
    ];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_session_prints_exactly_what_is_written_down(string file, string title)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && file == "doctor.txt", "its programs are scripts");
        string path = Path.Combine(Folder, file);
        string text = File.ReadAllText(path);
        string expected = Assert.Single(Split(text), scenario => TitleOf(scenario) == title);
        using var session = new Session();
        string actual = session.Replay(expected);
        if (Environment.GetEnvironmentVariable("ARK_UPDATE") == "1")
        {
            File.WriteAllText(path, string.Concat(Split(text).Select(each => each == expected ? actual : each)).TrimEnd('\n') + "\n");
        }

        Assert.Equal(expected, actual);
    }

    /// <summary>If this fails the sessions prove nothing.</summary>
    [Theory]
    [InlineData("$ ark refresh\nanother line\n")]
    [InlineData("$ ark refresh\n")]
    [InlineData("$ ark refresh\n2> no daemon is running, so there are no tokens to refresh\n")]
    [InlineData("$ ark refresh\nno daemon is running, so there are no tokens to refresh\n[1]\n")]
    public void A_session_that_prints_something_else_is_not_the_same(string session)
    {
        using var user = new Session();
        Assert.Equal("$ ark refresh\nno daemon is running, so there are no tokens to refresh\n\n", user.Replay(session));
        Assert.NotEqual(session.TrimEnd(), user.Replay(session).TrimEnd());
    }

    private static string[] Split(string text) => [.. $"\n{text}".Split("\n## ").Skip(1).Select(part => $"## {part.TrimEnd('\n')}\n\n")];

    private static string TitleOf(string scenario) => scenario.Split('\n')[0][3..];

    /// <summary>A user at a terminal.</summary>
    private sealed partial class Session : IDisposable
    {
        private readonly SomeUser _user = new();
        private readonly List<(Verb Verb, string When, AskResult Answer)> _answers = [];

        public Session() => _user.Daemon.Answer = (verb, payload) =>
            _answers.FindLast(each => each.Verb == verb && payload.Contains(each.When, StringComparison.Ordinal)).Answer
                ?? new AskResult.Absent();

        private string Programs => Path.Combine(_user.Root, "bin");

        public void Dispose() => _user.Dispose();

        /// <summary>The scenario as it is, with what its commands print now.</summary>
        public string Replay(string scenario)
        {
            var actual = new StringBuilder();
            string[] lines = scenario.Split('\n');
            for (int at = 0; at < lines.Length; at++)
            {
                string line = lines[at];
                string[] block = [.. lines[(at + 1)..].TakeWhile(next => next is ['|' or '!'] or ['|' or '!', ' ', ..])];
                if (line.StartsWith("# ", StringComparison.Ordinal))
                {
                    Prepare(line[2..], block);
                    actual.AppendJoin('\n', [line, .. block]).Append('\n');
                }
                else if (line.StartsWith("$ ", StringComparison.Ordinal))
                {
                    actual.Append($"{line}\n{Run(line[2..])}\n");
                }
                else if (line.StartsWith("## ", StringComparison.Ordinal))
                {
                    actual.Append($"{line}\n");
                }
            }

            return actual.ToString();
        }

        private void Prepare(string directive, string[] block)
        {
            (string word, string rest) = directive.Split(' ', 2) is [var first, var others] ? (first, others) : (directive, "");
            string text = Expand(Joined(block, '|'));
            switch (word)
            {
                case "file":
                    Write(Expand(rest), text);
                    break;
                case "meanwhile":
                    _user.WhenAsked = () => Write(Expand(rest), text);
                    break;
                case "remove":
                    File.Delete(Expand(rest));
                    break;
                case "program":
                    Directory.CreateDirectory(Path.GetDirectoryName(Expand(rest))!);
                    SomeUser.MakeProgram(Expand(rest), $"#!/bin/sh\n{text}");
                    break;
                case "env" when rest.Split('=', 2) is [var name, var value]:
                    _user.Environment[name] = Expand(value);
                    break;
                case "unset":
                    _user.Environment.Remove(rest);
                    break;
                case "answer":
                    _user.CanAsk = true;
                    _user.Answers.Enqueue(rest);
                    break;
                case "person":
                    _user.CanAsk = true;
                    break;
                case "terminal":
                    _user.ErrorIsTerminal = true;
                    break;
                case "stubborn":
                    _user.Daemon.Stops = false;
                    break;
                case "organizations":
                    string json = SomeConfiguration.Json(Expand("~/.config/ark/config.json"), rest.Length > 0 ? rest : null);
                    _answers.Add((Verb.Organizations, "", FakeDaemon.Says(json)));
                    break;
                case "daemon" when DaemonLine().Match(rest) is { Success: true } line:
                    Verb verb = Enum.Parse<Verb>(line.Groups[1].Value, ignoreCase: true);
                    int exitCode = line.Groups[3].Length > 0 ? 1 : 0;
                    _answers.Add((verb, line.Groups[2].Value, FakeDaemon.Says(text, Expand(Joined(block, '!')), exitCode)));
                    break;
                case "unreachable" when rest.Split("; ") is [var message, var hint]:
                    _user.Daemon.Answer = (_, _) => new AskResult.Failed(message, hint);
                    break;
                default:
                    throw new InvalidOperationException($"what is '# {directive}'?");
            }
        }

        private string Run(string command)
        {
            string[] words = [.. Word().Matches(command).Select(word => Expand(string.Concat(word.Groups.Values.Skip(1))))];
            return Fold(words switch
            {
                ["cat", var file] => Marked(File.ReadAllText(file), ""),
                ["find"] => string.Concat(_user.Everything().Select(line => $"{line.Split(' ')[0]}\n")),
                ["asked"] => Asked(),
                ["ark", .. var arguments] => Printed(_user.Run(arguments)),
                ["ark-catalog-container-tool", .. var arguments] => Printed(_user.RunCatalogTool(arguments)),
                _ => throw new InvalidOperationException($"what is '$ {command}'?"),
            });
        }

        private string Printed(int exitCode) =>
            Marked(_user.Out, "") + Marked(_user.Error, "2> ") + (exitCode == 0 ? "" : $"[{exitCode}]\n");

        private string Asked()
        {
            string asked = string.Concat(
                from each in _user.Daemon.Asked
                let question = $"{each.Verb.ToString().ToLowerInvariant()} {each.Payload}".TrimEnd()
                select each.Start == StartMode.OnlyIfRunning ? $"{question} (only if running)\n" : $"{question}\n");
            _user.Daemon.Asked.Clear();
            return asked + (_user.Daemon.TimesStopped > 0 ? "stop\n" : "");
        }

        private static void Write(string path, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        private string Expand(string text) =>
            HomeMark().Replace(text, _user.Home.Replace('\\', '/')).Replace("$BIN", Programs, StringComparison.Ordinal);

        private string Fold(string text) => Below().Replace(
            text.Replace(_user.Home, "~", StringComparison.Ordinal).Replace(Programs, "$BIN", StringComparison.Ordinal),
            path => path.Value.Replace('\\', '/'));

        private static string Joined(string[] block, char mark) =>
            string.Concat(block.Where(line => line[0] == mark).Select(line => $"{(line.Length > 2 ? line[2..] : "")}\n"));

        private static string Marked(string text, string mark) => text.Length == 0 ? ""
            : string.Concat((text.EndsWith('\n') ? text[..^1] : $"{text}%").Split('\n').Select(line => $"{mark}{line}\n"));

        [GeneratedRegex(@"(?<![\w~])~(?=/|$)")]
        private static partial Regex HomeMark();

        [GeneratedRegex(@"(~|\$BIN)[^\s""';,]*")]
        private static partial Regex Below();

        [GeneratedRegex(@"\A(\w+)(?: when (.+?))?( fails)?\z")]
        private static partial Regex DaemonLine();

        [GeneratedRegex(@"'([^']*)'|""([^""]*)""|([^\s'""]+)")]
        private static partial Regex Word();
    }
}
