using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;

namespace Ark.Cli.Output;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class CommandWithExamples(string name, string description, string examples) : Command(name, description)
{
    public string Examples { get; } = examples;
}

/// <summary>The usual help, followed by the examples of the command or, at the root, by those of the whole program.</summary>
internal sealed class HelpExamples(string program, string rootExamples) : SynchronousCommandLineAction
{
    private readonly HelpAction _usual = new() { MaxWidth = 100 };

    public override bool ClearsParseErrors => true;

    /// <summary>Gives a program this help, and its version.</summary>
    public static void AddTo(RootCommand root, string program, string examples, Terminal terminal)
    {
        foreach (Option option in root.Options)
        {
            option.Action = option switch
            {
                HelpOption => new HelpExamples(program, examples),
                VersionOption => new VersionLine(terminal, program),
                _ => option.Action,
            };
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var usual = new StringWriter { NewLine = "\n" };
        TextWriter output = parseResult.InvocationConfiguration.Output;
        parseResult.InvocationConfiguration.Output = usual;
        int exitCode = _usual.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        string examples = parseResult.CommandResult.Command is CommandWithExamples command ? command.Examples : rootExamples;
        output.Write($"{Tidy(usual.ToString())}\n\n{examples}\n");
        return exitCode;
    }

    // The library calls the program by the name of its file, which may be anything, and leaves blanks at the ends of lines.
    private string Tidy(string help) => string.Join('\n', help.TrimEnd().Split('\n').Select(line =>
        line.TrimEnd().Replace($"  {RootCommand.ExecutableName} ", $"  {program} ", StringComparison.Ordinal)));
}

/// <summary>What <c>--version</c> prints: the name of the program and its version.</summary>
internal sealed class VersionLine(Terminal terminal, string program) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var version = typeof(VersionLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!;
        terminal.WriteLine($"{program} {version.InformationalVersion}");
        return 0;
    }
}

/// <summary>The few kinds of options and arguments that commands have.</summary>
internal static class Options
{
    public static Option<bool> Json => Flag("--json", "print JSON, for programs");

    public static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description };

    /// <summary>An option with a value, or null where it is not given.</summary>
    public static Option<string?> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value };

    /// <summary>An option that must be given, or has a default.</summary>
    public static Option<string> Required(string name, string value, string description, string? byDefault = null, params string[] aliases)
    {
        var option = new Option<string>(name, aliases) { Description = description, HelpName = value, Required = byDefault is null };
        if (byDefault is not null)
        {
            option.DefaultValueFactory = _ => byDefault;
        }

        return option;
    }

    /// <summary>An argument that may be left out.</summary>
    public static Argument<string?> Optional(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>An argument that may be repeated.</summary>
    public static Argument<string[]> Several(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.OneOrMore };
}
