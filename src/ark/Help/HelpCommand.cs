using System.CommandLine;
using System.CommandLine.Completions;
using Ark.Cli.Output;
using Ark.Wire;

namespace Ark.Cli.Help;

/// <summary><c>ark help</c>, and the manual pages that packages hold.</summary>
internal sealed class HelpCommand(Terminal terminal, RootCommand root, string program, string rootExamples)
{
    private readonly Argument<string[]> _words = new("command")
    {
        Description = "the command, such as org list (default: all commands)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _manual =
        Options.Text("--manual", "DIRECTORY", "write the manual pages of all commands to a directory");

    public Command ToCommand()
    {
        var command = new CommandWithExamples("help", "show the help of a command", """
            Examples:
              ark help setup
              ark help org list
              ark help --manual ~/.local/share/man/man1
            """) { _words, _manual };
        _words.CompletionSources.Add(_ => root.Subcommands.Where(each => !each.Hidden).Select(each => new CompletionItem(each.Name)));
        command.SetAction(parsed => parsed.GetValue(_manual) is { Length: > 0 } directory
            ? WriteManual(directory)
            : Show(parsed.GetValue(_words) ?? []));
        return command;
    }

    private int Show(IEnumerable<string> words)
    {
        Command command = root;
        foreach (string word in words)
        {
            command = command.Subcommands.FirstOrDefault(each => each.Name == word && !each.Hidden)
                ?? throw Mistake.OfCommand(word, command, CommandPage.Of(command, program, "").Name);
        }

        terminal.WriteLines(HelpText.Of(CommandPage.Of(command, program, rootExamples), terminal.Width));
        return 0;
    }

    private int WriteManual(string directory)
    {
        string folder = Path.GetFullPath(directory);
        Directory.CreateDirectory(folder);
        foreach (CommandPage page in Pages(root))
        {
            File.WriteAllText(Path.Combine(folder, ManualPage.FileName(page)), ManualPage.Of(page, VersionLine.Version));
        }

        return 0;
    }

    private IEnumerable<CommandPage> Pages(Command command) =>
        command.Subcommands.Where(each => !each.Hidden).SelectMany(Pages).Prepend(CommandPage.Of(command, program, rootExamples));
}

/// <summary>What was typed and is not there, with what was probably meant.</summary>
internal static class Mistake
{
    public static UserError OfCommand(string word, Command parent, string parentName)
    {
        IEnumerable<string> commands = parent.Subcommands.Where(static each => !each.Hidden).Select(static each => each.Name);
        return new UserError($"\"{word}\" is not a command of {parentName}{NearNames.Suggest(word, commands)}", $"{parentName} --help");
    }

    public static UserError OfOption(string word, Command command, string name)
    {
        IEnumerable<string> options = command.Options
            .Concat(command.Parents.OfType<Command>().SelectMany(static parent => parent.Options).Where(static option => option.Recursive))
            .Where(static option => !option.Hidden)
            .SelectMany(static option => option.Aliases.Prepend(option.Name));
        return new UserError($"\"{word}\" is not an option of {name}{NearNames.Suggest(word, options)}", $"{name} --help");
    }
}
