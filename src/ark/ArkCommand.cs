using System.CommandLine;
using Ark.Cli.Commands;
using Ark.Cli.Docker;
using Ark.Cli.Output;
using Ark.Cli.Repositories;
using Ark.Client;

namespace Ark.Cli;

/// <summary><c>ark</c>, the command for people: all of its commands on one screen.</summary>
/// <param name="terminal">Where commands speak.</param>
/// <param name="environment">The caller's environment variables.</param>
/// <param name="clock">The time.</param>
/// <param name="daemon">The daemon of this user.</param>
/// <param name="runDaemon">Becomes the daemon; see <see cref="DaemonCommand"/>.</param>
internal sealed class ArkCommand(
    Terminal terminal, Func<string, string?> environment, TimeProvider clock, IDaemon daemon, Func<IReadOnlyList<string>, int> runDaemon)
{
    public const string Name = "ark";

    private const string Lesson = """
        Examples:
          ark setup --host 123456789012.dkr.ecr.us-east-1.amazonaws.com
          docker pull 123456789012.dkr.ecr.us-east-1.amazonaws.com/app:latest
          ark status

        Environment:
          ARK_CONFIG        the configuration (default: ~/.config/ark/config.json, on Windows %APPDATA%\ark\config.json)
          ARK_RUNTIME_DIR   where the daemon's socket and lock are (default: $XDG_RUNTIME_DIR/ark, else ~/.ark/run)
          ARK_ORGANIZATION  the organization that answers, where several could
          ARK_LOG           how much the daemon logs: error, warn, info or debug
          ARK_DAEMON        the path of arkd (default: beside this program, then PATH)

        ark COMMAND --help tells more about each command.
        """;

    public RootCommand ToCommand()
    {
        var root = new RootCommand("""
            Always fresh passwords for Amazon ECR.
            docker, podman and others ask docker-credential-ark; a small daemon answers from memory
            and renews every token before it expires. This command shows and steers the two.
            """)
        {
            new StatusCommand(daemon, terminal, clock).ToCommand(),
            new TokenCommand(daemon, terminal, clock).ToCommand(),
            new RefreshCommand(daemon, terminal).ToCommand(),
            new ShowCommand(daemon, terminal, clock).ToCommand(),
            new ExportCommand(daemon, terminal, clock).ToCommand(),
            new KuraCommand(daemon, terminal, clock).ToCommand(),
            new OrgCommand(daemon, terminal).ToCommand(),
            new UseCommand(daemon, terminal).ToCommand(),
            new InitCommand(daemon, terminal, clock, new UserPaths(environment)).ToCommand(),
            new RepoCommand(daemon, terminal).ToCommand(),
            new SetupCommand(daemon, terminal, new UserPaths(environment)).ToCommand(),
            new DaemonCommand(daemon, terminal, runDaemon).ToCommand(),
        };
        root.SetAction(parsed => root.Parse(["--help"]).Invoke(parsed.InvocationConfiguration));
        HelpWithExamples.Teach(root, Lesson, new VersionLine(terminal, Name));
        return root;
    }
}
