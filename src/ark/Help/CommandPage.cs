using System.CommandLine;
using System.CommandLine.Completions;

namespace Ark.Cli.Help;

/// <summary>What there is to say of a command: the source of its help and of its manual page.</summary>
/// <param name="Name">Its full name, such as <c>ark org list</c>.</param>
/// <param name="Description">What it does: a phrase, for the program itself a few sentences.</param>
/// <param name="Usage">How it is called.</param>
/// <param name="Arguments">Each with what it means.</param>
/// <param name="Options">Each with its other names, its value and what it does.</param>
/// <param name="Commands">The commands below it.</param>
/// <param name="Further">Examples and what else is worth knowing: paragraphs, and headings with indented lines.</param>
internal sealed record CommandPage(
    string Name,
    string Description,
    string Usage,
    IReadOnlyList<CommandPage.Entry> Arguments,
    IReadOnlyList<CommandPage.Entry> Options,
    IReadOnlyList<CommandPage.Entry> Commands,
    string Further)
{
    /// <summary>A line of a list.</summary>
    internal sealed record Entry(string Term, string Meaning);

    /// <summary>The page of a command.</summary>
    /// <param name="command">The command, with all above it.</param>
    /// <param name="program">What its root is called.</param>
    /// <param name="rootExamples">What follows the help of the root.</param>
    public static CommandPage Of(Command command, string program, string rootExamples)
    {
        var lineage = new List<Command> { command };
        while (lineage[0].Parents.OfType<Command>().FirstOrDefault() is { } parent)
        {
            lineage.Insert(0, parent);
        }

        string name = string.Join(' ', [program, .. lineage.Skip(1).Select(each => each.Name)]);
        List<Command> commands = [.. command.Subcommands.Where(each => !each.Hidden)];
        IEnumerable<Option> inherited = lineage[..^1].SelectMany(each => each.Options).Where(option => option.Recursive);
        List<Option> options = [.. command.Options.Concat(inherited).Where(option => !option.Hidden).OrderBy(IsForEveryCommand)];
        return new CommandPage(
            name,
            command.Description ?? "",
            string.Join(' ', [name, .. command.Arguments.Select(Written), .. commands is [] ? (string[])[] : ["[command]"], "[options]"]),
            [.. command.Arguments.Select(argument => new Entry(Written(argument), argument.Description ?? ""))],
            [.. options.Select(option => new Entry(Written(option), WithDefault(option)))],
            [.. commands.Select(each => new Entry(Called(each), each.Description ?? ""))],
            command is CommandWithExamples { Examples: var examples } ? examples : rootExamples);
    }

    private static string Called(Command command) => string.Join(' ', [command.Name, .. command.Arguments.Select(Written)]);

    private static bool IsForEveryCommand(Option option) => option.Recursive;

    /// <summary>As it is typed: what may be left out in brackets, what may be repeated with dots.</summary>
    private static string Written(Argument argument)
    {
        string name = $"<{argument.Name}>" + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string Written(Option option)
    {
        // The library's help has names of DOS as well, which nobody needs to read.
        string names =
            string.Join(", ", option.Aliases.Prepend(option.Name).Where(name => name is ['-', not '?', ..]).OrderBy(name => name.Length));
        return option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? names : $"{names} <{ValueOf(option)}>";
    }

    private static string ValueOf(Option option) =>
        option.HelpName ?? string.Join('|', option.GetCompletions(CompletionContext.Empty).Select(each => each.Label));

    private static string WithDefault(Option option) => (option.Description ?? "")
        + (option.Required ? " (required)" : "")
        + (option.HasDefaultValue && option.ValueType != typeof(bool) ? $" [default: {option.GetDefaultValue()}]" : "");
}
