using System.Diagnostics;
using Ark.Cli;
using Ark.Cli.Help;
using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class HelpTests : IDisposable
{
    private const string TwoOrganizations = """
        {"organizations":[
        {"name":"acme","id":null,"registries":[
        {"hosts":["123456789012.dkr.ecr.us-east-1.amazonaws.com","*.dkr.ecr.eu-west-1.amazonaws.com"],
        "repositoryPrefix":"","source":{"type":"ecr","identity":null}}]},
        {"name":"tbd","id":null,"registries":[{"hosts":["registry.example.com:5000"],
        "repositoryPrefix":"","source":{"type":"command","identity":null}}]}],"using":null,"defaultOrganization":null,"file":"/c"}
        """;

    private readonly SomeUser _user = new();

    public static TheoryData<string> Commands
    {
        get
        {
            using var user = new SomeUser();
            return [.. user.Command().Subcommands.Where(static command => !command.Hidden).Select(static command => command.Name)];
        }
    }

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void No_line_of_any_help_is_longer_than_the_terminal_but_for_commands_that_are_copied_and_single_words(int width)
    {
        foreach (CommandPage page in Pages(_user.Command()))
        {
            var lines = HelpText.Of(page, width).Split('\n').TakeWhile(static line => line is not ("Examples:" or "Example:"));
            Assert.All(lines, line => Assert.True(line.Length <= width || line.Trim().Split(' ').Length == 1, $"{page.Name}: {line}"));
        }
    }

    [Fact]
    public void Every_word_of_a_meaning_is_in_the_help_at_every_width()
    {
        foreach (CommandPage page in Pages(_user.Command()))
        {
            string[] narrow = HelpText.Of(page, 40).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(HelpText.Of(page, 200).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), narrow);
        }
    }

    [Theory]
    [InlineData("statsu", "\"statsu\" is not a command of ark; did you mean \"status\"?")]
    [InlineData("org lits", "\"lits\" is not a command of ark org; did you mean \"list\"?")]
    [InlineData("status --josn", "\"--josn\" is not an option of ark status; did you mean \"--json\"?")]
    [InlineData("token HOST --jsno", "\"--jsno\" is not an option of ark token; did you mean \"--json\"?")]
    [InlineData("token --jsno", "\"--jsno\" is not an option of ark token; did you mean \"--json\"?")]
    [InlineData("setup --host --dry-rum", "\"--dry-rum\" is not an option of ark setup; did you mean \"--dry-run\"?")]
    [InlineData("setup --organization --creds-stroe", "\"--creds-stroe\" is not an option of ark setup; did you mean \"--creds-store\"?")]
    [InlineData("help stauts", "\"stauts\" is not a command of ark; did you mean \"status\"?")]
    [InlineData("--quite", "\"--quite\" is not an option of ark; did you mean \"--quiet\"?")]
    public void What_is_mistyped_is_named_with_what_was_meant(string line, string message)
    {
        Assert.Equal(1, _user.Run(line.Split(' ')));
        Assert.Equal($"ark: error: {message}", _user.Error.Split('\n')[0]);
        Assert.Empty(_user.Daemon.Asked);
    }

    [Fact]
    public void What_follows_two_hyphens_is_an_argument_whatever_it_looks_like()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("secret");
        Assert.Equal(0, _user.Run("token", "--", "-x"));
        Assert.Equal((Verb.Token, "-x"), _user.Daemon.Asked.Select(asked => (asked.Verb, asked.Payload)).Single());
    }

    [Fact]
    public void A_mistake_is_JSON_as_well_for_a_program_that_asked_for_JSON()
    {
        Assert.Equal(1, _user.Run("statsu", "--json"));
        Assert.Equal(
            """{"error":{"code":null,"message":"\u0022statsu\u0022 is not a command of ark; did you mean \u0022status\u0022?","""
                + """ "hint":"ark --help"}}""".TrimStart() + "\n",
            _user.Out);
    }

    [Theory]
    [InlineData("-v")]
    [InlineData("--version")]
    [InlineData("version")]
    public void The_version_is_told_however_it_is_asked_for(string argument)
    {
        Assert.Equal(0, _user.Run(argument));
        Assert.Matches(@"^ark [0-9]+\.[0-9]+\.[0-9]+\S*\n$", _user.Out);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_of_a_command_is_the_same_in_both_ways(string command)
    {
        Assert.Equal(0, _user.Run(command, "--help"));
        string help = _user.Out;
        Assert.Equal(0, _user.Run("help", command));
        Assert.Equal(help, _user.Out);
    }

    [Fact]
    public void The_manual_has_a_page_of_every_command_which_the_formatter_accepts()
    {
        string directory = Path.Combine(_user.Root, "man1");
        Assert.Equal(0, _user.Run("help", "--manual", directory));
        string[] pages = Directory.GetFiles(directory);
        Assert.Equal(Pages(_user.Command()).Count(), pages.Length);
        Assert.Contains(Path.Combine(directory, "ark-org-list.1"), pages);
        Assert.All(pages, page => Assert.DoesNotMatch(@"(?m)^['.](?!TH|SH|TP|PP|B |nf|fi)", File.ReadAllText(page)));
        if (File.Exists("/usr/bin/groff"))
        {
            using var groff = Process.Start(
                new ProcessStartInfo("/usr/bin/groff", ["-man", "-ww", "-z", "-Tutf8", .. pages]) { RedirectStandardError = true })!;
            Assert.Equal("", groff.StandardError.ReadToEnd());
        }
    }

    [Theory]
    [InlineData("ark sta", "status")]
    [InlineData("ark", "")]
    [InlineData("ark org ", "list show validate")]
    [InlineData("ark status --pr", "--prometheus")]
    [InlineData("ark completion z", "zsh")]
    [InlineData("ark help re", "refresh repo")]
    [InlineData("ark show IMAGE --format k", "kura")]
    [InlineData("ark use ", "acme tbd")]
    [InlineData("ark repo list --organization t", "tbd")]
    [InlineData("ark token ", "123456789012.dkr.ecr.us-east-1.amazonaws.com registry.example.com:5000")]
    [InlineData("ark setup --host reg", "registry.example.com:5000")]
    public void What_is_typed_is_completed_with_commands_options_organizations_and_hosts(string line, string expected)
    {
        _user.Daemon.Answer =
            (verb, _) => FakeDaemon.Says(verb == Verb.Organizations ? TwoOrganizations : """{"daemon":null,"entries":[]}""");
        Assert.Equal(0, _user.Run("complete", line));
        string[] lines = _user.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, string.Join(' ', lines.Select(static each => each.Split('\t')[0])));
        Assert.All(_user.Daemon.Asked, static asked => Assert.Equal(StartMode.OnlyIfRunning, asked.Start));
    }

    [Fact]
    public void Completion_is_silent_where_the_daemon_cannot_be_asked()
    {
        _user.Daemon.Answer = (_, _) => new AskResult.Failed("no", "never");
        Assert.Equal(0, _user.Run("complete", "ark use "));
        Assert.Equal("", _user.Out + _user.Error);
    }

    [Theory]
    [InlineData("use", "acme")]
    [InlineData("daemon", "stop")]
    [InlineData("refresh")]
    public void Quiet_keeps_confirmations_back(params string[] arguments)
    {
        _user.Daemon.Answer = (verb, _) =>
            verb == Verb.Use ? FakeDaemon.Says("acme is used\n") : new AskResult.Absent();
        Assert.Equal(0, _user.Run(arguments));
        Assert.NotEqual("", _user.Out);
        Assert.Equal(0, _user.Run([.. arguments, "--quiet"]));
        Assert.Equal("", _user.Out + _user.Error);
    }

    private static IEnumerable<CommandPage> Pages(System.CommandLine.Command command) => command.Subcommands
        .Where(static each => !each.Hidden).SelectMany(Pages).Prepend(CommandPage.Of(command, ArkCommand.Name, "more"));
}
