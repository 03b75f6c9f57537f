using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using Ark.Cli.Output;

namespace Ark.Cli.Help;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class CommandWithExamples(string name, string description, string examples) : Command(name, description)
{
    public string Examples { get; } = examples;
}

/// <summary>What <c>--help</c> prints.</summary>
internal sealed class CommandHelp(Terminal terminal, string program, string rootExamples) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    /// <summary>Gives a program this help, and its version.</summary>
    public static void AddTo(RootCommand root, string program, string examples, Terminal terminal)
    {
        foreach (Option option in root.Options)
        {
            switch (option)
            {
                case HelpOption:
                    option.Description = "show this help";
                    option.Action = new CommandHelp(terminal, program, examples);
                    break;
                case VersionOption:
                    option.Description = "show the version";
                    option.Action = new VersionLine(terminal, program);
                    break;
                default:
                    break;
            }
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        terminal.WriteLines(HelpText.Of(CommandPage.Of(parseResult.CommandResult.Command, program, rootExamples), terminal.Width));
        return 0;
    }
}

/// <summary>What <c>--version</c> prints: the name of the program and its version.</summary>
internal sealed class VersionLine(Terminal terminal, string program) : SynchronousCommandLineAction
{
    /// <summary>Such as <c>0.2.0</c>.</summary>
    public static string Version { get; } =
        typeof(VersionLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public override int Invoke(ParseResult parseResult)
    {
        terminal.WriteLine($"{program} {Version}");
        return 0;
    }
}

/// <summary><c>ark version</c>, for people and for programs.</summary>
internal sealed class VersionCommand(Terminal terminal, string program)
{
    public Command ToCommand()
    {
        Option<bool> json = Options.Json;
        var command = new CommandWithExamples("version", "show the version", """
            Examples:
              ark version
              ark version --json
            """) { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                terminal.WriteResult($"{{\"version\":\"{VersionLine.Version}\"}}");
            }
            else
            {
                terminal.WriteLine($"{program} {VersionLine.Version}");
            }
        });
        return command;
    }
}
