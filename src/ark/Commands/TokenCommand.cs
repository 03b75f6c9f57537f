using System.CommandLine;
using System.Text;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark token</c>: the password alone, for a pipe. The only output of this program that is a secret.</summary>
internal sealed class TokenCommand(IDaemon daemon, Terminal terminal)
{
    public Command ToCommand()
    {
        var registry = new Argument<string>("registry") { Description = "a registry host, or an image on it" };
        var command = new TaughtCommand("token", "print the password for a registry, and nothing else", """
            Examples:
              ark token 123456789012.dkr.ecr.us-east-1.amazonaws.com
              ark token HOST | helm registry login --username AWS --password-stdin HOST

            The user name of every ECR token is AWS. The password is good for hours: keep it out of files and logs.
            """) { registry };
        command.SetAction(parsed => Print(parsed.GetRequiredValue(registry)));
        return command;
    }

    /// <summary>Without a password nothing goes to standard output: behind a pipe it would be taken for one.</summary>
    private int Print(string registry)
    {
        Reply reply = daemon.AskFor(Verb.Token, Encoding.UTF8.GetBytes(registry), StartMode.StartIfAbsent)!;
        if (reply.ExitCode == 0)
        {
            return terminal.Relay(reply);
        }

        terminal.WriteError(reply.Stderr);
        return reply.Stderr.AsSpan().IndexOf("ark: error:"u8) >= 0
            ? 1
            : terminal.Refuse($"{Printable.Line(registry)} is not a registry that ark serves", "name an ECR registry, or bind this one to an organization in the map file");
    }
}
