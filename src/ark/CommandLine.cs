using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Ark.Cli.Output;
using Ark.Messages;

namespace Ark.Cli;

/// <summary>The program without its process: arguments in, exit code out, 0 or 1.</summary>
internal sealed class CommandLine(Terminal terminal, RootCommand root, string name)
{
    public int Run(IReadOnlyList<string> arguments)
    {
        try
        {
            return RunOrRefuse(arguments);
        }
        catch (IOException e) when (IsBrokenPipe(e))
        {
            // The reader has gone, of the output or of the errors; there is nobody left to tell.
            return 1;
        }
        catch (UserError)
        {
            // Nor where the errors go to a file that may not grow.
            return 1;
        }
    }

    private int RunOrRefuse(IReadOnlyList<string> arguments)
    {
        // Without a replacer an argument such as @file is only an argument, not a file of arguments.
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            return parsed is { Action: not (HelpExamples or VersionLine), Errors: [var error, ..] }
                ? terminal.Refuse(Sentence(error.Message), $"{FullName(parsed.CommandResult.Command)} --help")
                : Invoke(parsed);
        }
        catch (UserError e)
        {
            int exitCode = terminal.Refuse(e.Problem.Message, e.Problem.Hint, e.Problem.Code);
            Report(parsed, e.Problem);
            return exitCode;
        }
        catch (DaemonError e)
        {
            Report(parsed, e.Problem);
            return 1;
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException problem && !IsBrokenPipe(problem)))
        {
            return terminal.Refuse(Sentence(e.Message));
        }
    }

    /// <summary>Commands print to the terminal. What the library has to say is collected first, so that it passes there too.</summary>
    private int Invoke(ParseResult parsed)
    {
        var said = new StringWriter { NewLine = "\n" };
        int exitCode = parsed.Invoke(new InvocationConfiguration
        {
            Output = said,
            Error = said,
            EnableDefaultExceptionHandler = false,

            // Ctrl-C ends a command as it ends any program; only the watch has something to tidy up, and does.
            ProcessTerminationTimeout = null,
        });
        terminal.WriteLines(said.ToString());
        return exitCode;
    }

    /// <summary>A program that asked for JSON gets a problem as JSON too; for people it is on standard error, whoever asked.</summary>
    private void Report(ParseResult parsed, ProblemEntry problem)
    {
        if (parsed.Tokens.Any(static token => token is { Type: TokenType.Option, Value: "--json" }))
        {
            terminal.WriteResult(JsonSerializer.Serialize(new ProblemReport(problem), MessagesJson.Default.ProblemReport));
        }
    }

    private string FullName(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{FullName(parent)} {command.Name}" : name;

    // The library and the framework write "Sentences like this.", some of them over several lines.
    private static string Sentence(string message)
    {
        string line = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        return line.Length == 0 ? line : $"{char.ToLowerInvariant(line[0])}{line[1..]}";
    }

    // EPIPE on Unix, ERROR_BROKEN_PIPE and ERROR_NO_DATA on Windows.
    private static bool IsBrokenPipe(IOException problem) =>
        problem.HResult is 32 or unchecked((int)0x8007006D) or unchecked((int)0x800700E8);
}
