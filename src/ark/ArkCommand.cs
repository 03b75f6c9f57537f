using System.CommandLine;
using Ark.Cli.Commands;
using Ark.Cli.Files;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Client;

namespace Ark.Cli;

/// <summary><c>ark</c>, the command for people: all of its commands on one screen.</summary>
internal sealed class ArkCommand(
    Terminal terminal, Func<string, string?> environment, TimeProvider clock, IDaemon daemon,
    Func<IReadOnlyList<string>, int> runDaemon, Func<string, IDaemon>? daemonAs = null,
    Func<string, IReadOnlyList<string>, int>? runProgram = null)
{
    public const string Name = "ark";

    /// <summary>The option of every command after which only results and errors are printed.</summary>
    public const string Quiet = "--quiet";

    private const string Examples = """
        Examples:
          ark setup --host 123456789012.dkr.ecr.us-east-1.amazonaws.com
          docker pull 123456789012.dkr.ecr.us-east-1.amazonaws.com/app:latest
          ark status

        Environment:
          ARK_CONFIG        the configuration (default: ~/.config/ark/config.json, on Windows %APPDATA%\ark\config.json)
          ARK_RUNTIME_DIR   the directory of the daemon's socket and lock (default: $XDG_RUNTIME_DIR/ark, else ~/.ark/run)
          ARK_ORGANIZATION  the organization to use where several match
          ARK_LOG           what the daemon logs: error, warn, info or debug
          ARK_DAEMON        the path of arkd (default: beside this program, then PATH)

        More about each command: ark COMMAND --help
        """;

    public RootCommand ToCommand()
    {
        var queries = new DaemonQueries(daemon, terminal);
        var paths = new UserPaths(environment);
        var token = new TokenCommand(queries, terminal, clock);
        var org = new OrgCommand(queries, terminal, paths);
        Func<string, IReadOnlyList<string>, int> run = runProgram ?? OtherProgram.Run;
        var root = new RootCommand("""
            Credential helper for Amazon ECR: docker, podman and other clients always get a valid password.
            They run docker-credential-ark, which asks a per-user daemon. The daemon keeps tokens in memory
            and renews them before they expire. This command inspects and controls both.
            """)
        {
            new StatusCommand(queries, terminal, clock).ToCommand(),
            token.ToCommand(),
            token.ToRefreshCommand(),
            new LoginCommand(queries, terminal, clock, environment, run).ToCommand(),
            new ShowCommand(queries, terminal, clock).ToCommand(),
            new ExportCommand(queries, terminal, clock).ToCommand(),
            new PushCommand(queries, terminal, clock).ToCommand(),
            org.ToCommand(),
            org.ToUseCommand(),
            new ConfigCommand(queries, terminal, clock, paths, run).ToCommand(),
            new InitCommand(queries, terminal, clock, paths).ToCommand(),
            new RepoCommand(queries, terminal).ToCommand(),
            new SetupCommand(queries, terminal, paths, clock).ToCommand(),
            new DoctorCommand(terminal, environment, what => new(environment, daemon, daemonAs ?? (_ => daemon), clock, what)).ToCommand(),
            new LogsCommand(queries, terminal, paths, clock, run).ToCommand(),
            new DaemonCommand(queries, terminal, runDaemon).ToCommand(),
        };
        root.SetAction(parsed => root.Parse(["--help"]).Invoke(parsed.InvocationConfiguration));
        root.Add(new HelpCommand(terminal, root, Name, Examples).ToCommand());
        root.Add(new VersionCommand(terminal, Name).ToCommand());
        var completion = new CompletionCommand(terminal, root);
        root.Add(completion.ToCommand());
        root.Add(completion.ToHiddenCommand());
        root.Add(new Option<bool>(Quiet, "-q") { Description = "print results and errors only", Recursive = true });
        root.Options.OfType<VersionOption>().Single().Aliases.Add("-v");
        CommandHelp.AddTo(root, Name, Examples, terminal);
        new KnownNames(queries).AddTo(root);
        return root;
    }
}
