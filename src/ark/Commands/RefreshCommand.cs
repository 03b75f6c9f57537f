using System.CommandLine;
using System.Text;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark refresh</c>: new tokens now. Without a host it is about what is cached, so it never starts a daemon for that.</summary>
internal sealed class RefreshCommand(IDaemon daemon, Terminal terminal)
{
    public Command ToCommand()
    {
        var host = new Argument<string?>("host") { Description = "a registry host; without one, every host that is cached, asked for as you", Arity = ArgumentArity.ZeroOrOne };
        var command = new HelpExamples("refresh", "fetch a new token now", """
            Examples:
              ark refresh
              ark refresh 123456789012.dkr.ecr.us-east-1.amazonaws.com

            Seldom needed: tokens are refreshed long before they expire. It helps after permissions of a role have changed.
            """) { host };
        command.SetAction(parsed => Refresh(parsed.GetValue(host)));
        return command;
    }

    private int Refresh(string? host)
    {
        var start = host is null ? StartMode.OnlyIfRunning : StartMode.StartIfAbsent;
        if (daemon.AskFor(Verb.Refresh, Encoding.UTF8.GetBytes(host ?? ""), start) is { } reply)
        {
            return terminal.Relay(reply);
        }

        terminal.WriteLine("no daemon is running, so there is no token to refresh");
        return 0;
    }
}
