using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Ark.Cli.Output;

/// <summary>A command whose help ends with examples.</summary>
/// <param name="name">The word for it.</param>
/// <param name="description">What it does, as the help says it.</param>
/// <param name="lesson">What stands below the options: examples and what else is good to know.</param>
internal sealed class HelpExamples(string name, string description, string lesson) : Command(name, description)
{
    public string Lesson { get; } = lesson;
}

/// <summary>The usual help, followed by the lesson of the command or, at the root, by that of the whole program.</summary>
internal sealed class HelpWithExamples(string rootLesson) : SynchronousCommandLineAction
{
    private readonly HelpAction _usual = new() { MaxWidth = 100 };

    /// <summary>Gives a program this help, and its version.</summary>
    public static void Teach(RootCommand root, string lesson, VersionLine version)
    {
        foreach (var option in root.Options)
        {
            option.Action = option switch
            {
                HelpOption => new HelpWithExamples(lesson),
                VersionOption => version,
                _ => option.Action,
            };
        }
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var usual = new StringWriter { NewLine = "\n" };
        var output = parseResult.InvocationConfiguration.Output;
        parseResult.InvocationConfiguration.Output = usual;
        var exitCode = _usual.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        var lesson = parseResult.CommandResult.Command is HelpExamples taught ? taught.Lesson : rootLesson;
        output.Write($"{usual.ToString().TrimEnd()}\n\n{lesson}\n");
        return exitCode;
    }
}
