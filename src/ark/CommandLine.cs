using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;
using Ark.Cli.Commands;
using Ark.Cli.Docker;
using Ark.Cli.Output;
using Ark.Client;

namespace Ark.Cli;

/// <summary>The program without its process: arguments in, exit code out, 0 or 1.</summary>
internal sealed class CommandLine
{
    private const string Lesson = """
        Examples:
          ark setup --host 123456789012.dkr.ecr.us-east-1.amazonaws.com
          docker pull 123456789012.dkr.ecr.us-east-1.amazonaws.com/app:latest
          ark status

        Environment:
          ARK_CONFIG        the map file (default: ~/.config/ark/config.json, on Windows %APPDATA%\ark\config.json)
          ARK_RUNTIME_DIR   where the daemon's socket and lock are (default: $XDG_RUNTIME_DIR/ark, else ~/.ark/run)
          ARK_ORGANIZATION  the organization that answers, where several could
          ARK_LOG           how much the daemon logs: error, warn, info or debug
          ARK_DAEMON        the path of arkd (default: beside this program, then PATH)

        ark COMMAND --help tells more about each command.
        """;

    private readonly Terminal _terminal;
    private readonly RootCommand _root;

    /// <param name="terminal">Where commands speak.</param>
    /// <param name="environment">The caller's environment variables.</param>
    /// <param name="clock">The time.</param>
    /// <param name="daemon">The daemon of this user.</param>
    /// <param name="runDaemon">Becomes the daemon; see <see cref="DaemonCommand"/>.</param>
    public CommandLine(
        Terminal terminal, Func<string, string?> environment, TimeProvider clock, IDaemon daemon, Func<IReadOnlyList<string>, int> runDaemon)
    {
        _terminal = terminal;
        _root = new RootCommand("""
            Always fresh passwords for Amazon ECR.
            docker, podman and others ask docker-credential-ark; a small daemon answers from memory
            and renews every token before it expires. This command shows and steers the two.
            """)
        {
            new StatusCommand(daemon, terminal, clock).ToCommand(),
            new TokenCommand(daemon, terminal).ToCommand(),
            new RefreshCommand(daemon, terminal).ToCommand(),
            new SetupCommand(daemon, terminal, new UserPaths(environment)).ToCommand(),
            new KuraCommand(daemon, terminal, clock).ToCommand(),
            new DaemonCommand(daemon, terminal, runDaemon).ToCommand(),
        };
        _root.SetAction(_ => _root.Parse(["--help"]).Invoke(Invocation));
        foreach (var option in _root.Options)
        {
            option.Action = option switch
            {
                HelpOption => new TeachingHelp(Lesson),
                VersionOption => new VersionLine(terminal),
                _ => option.Action,
            };
        }
    }

    private InvocationConfiguration Invocation => new()
    {
        Output = _terminal.Out,
        Error = _terminal.Error,
        EnableDefaultExceptionHandler = false,

        // Ctrl-C ends a command as it ends any program; only the watch has something to tidy up, and does.
        ProcessTerminationTimeout = null,
    };

    public int Run(IReadOnlyList<string> arguments)
    {
        try
        {
            // Without a replacer an argument such as @file is only an argument, not a file of arguments.
            var parsed = _root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            return parsed switch
            {
                { Action: TeachingHelp or VersionLine } => parsed.Invoke(Invocation),
                { Errors: [var error, ..] } => _terminal.Refuse(Sentence(error.Message), $"{FullName(parsed.CommandResult.Command)} --help"),
                _ => parsed.Invoke(Invocation),
            };
        }
        catch (Refusal e)
        {
            return _terminal.Refuse(e.Message, e.Hint);
        }
        catch (IOException e) when (IsBrokenPipe(e))
        {
            // The reader has gone; there is nobody left to tell.
            return 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return _terminal.Refuse(Sentence(e.Message));
        }
    }

    private static string FullName(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{FullName(parent)} {command.Name}" : "ark";

    // The library and the framework write "Sentences like this."
    private static string Sentence(string message)
    {
        var line = Printable.Line(message.Trim().TrimEnd('.'));
        return line.Length == 0 ? line : $"{char.ToLowerInvariant(line[0])}{line[1..]}";
    }

    // EPIPE on Unix, ERROR_BROKEN_PIPE and ERROR_NO_DATA on Windows.
    private static bool IsBrokenPipe(IOException problem) => problem.HResult is 32 or unchecked((int)0x8007006D) or unchecked((int)0x800700E8);

    private sealed class VersionLine(Terminal terminal) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            terminal.WriteLine($"ark {typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}");
            return 0;
        }
    }
}
