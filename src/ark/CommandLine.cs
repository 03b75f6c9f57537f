using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Ark.Cli.Help;
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
            terminal.IsQuiet = parsed.Tokens.Any(static token => token is { Type: TokenType.Option, Value: ArkCommand.Quiet or "-q" });
            Refuse(arguments, parsed);
            return Invoke(parsed);
        }
        catch (UserError e)
        {
            int exitCode = terminal.Refuse(e.Problem.Message, e.Problem.Hint, e.Problem.Code);
            Report(arguments, e.Problem);
            return exitCode;
        }
        catch (DaemonError e)
        {
            Report(arguments, e.Problem);
            return 1;
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException problem && !IsBrokenPipe(problem)))
        {
            return terminal.Refuse(Sentence(e.Message));
        }
    }

    /// <summary>Refuses what cannot be meant, before anything is done.</summary>
    private void Refuse(IReadOnlyList<string> arguments, ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (parsed.Action is CommandHelp or VersionLine)
        {
            return;
        }

        string fullName = FullName(command);
        UserError? mistake = parsed switch
        {
            _ when !command.TreatUnmatchedTokensAsErrors => null,
            { UnmatchedTokens: [['-', _, ..] and var unknown, ..] } => Mistake.OfOption(unknown, command, fullName),
            { UnmatchedTokens: [var word, ..] } when command.Subcommands.Count > 0 => Mistake.OfCommand(word, command, fullName),
            _ when Swallowed(arguments, parsed) is { } option => Mistake.OfOption(option, command, fullName),
            { UnmatchedTokens: [var word, ..] } =>
                new UserError($"\"{word}\" is one argument too many for {fullName}", $"{fullName} --help"),
            { Errors: [var error, ..] } => new UserError(Sentence(error.Message), $"{fullName} --help"),
            _ => null,
        };
        if (mistake is not null)
        {
            throw mistake;
        }
    }

    /// <summary>
    /// A mistyped option that the library would take for the value of an argument, or of the option before it. What follows
    /// <c>--</c> or <c>=</c> is a value whatever it looks like.
    /// </summary>
    private static string? Swallowed(IReadOnlyList<string> arguments, ParseResult parsed)
    {
        var options = parsed.Tokens.TakeWhile(static token => token.Type != TokenType.DoubleDash)
            .Where(static token => token is { Type: TokenType.Argument, Value: ['-', _, ..] });
        return options.Select(static token => token.Value).FirstOrDefault(arguments.Contains);
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
    private void Report(IReadOnlyList<string> arguments, ProblemEntry problem)
    {
        if (arguments.TakeWhile(static argument => argument != "--").Contains("--json"))
        {
            terminal.WriteResult(JsonSerializer.Serialize(new ErrorReport(problem), MessagesJson.Default.ErrorReport));
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
