using System.Diagnostics;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Output;

/// <summary>The two ways in which every command treats an answer of the daemon.</summary>
internal static class Questions
{
    /// <summary>The reply, or null when no daemon is running.</summary>
    /// <exception cref="Refusal">The daemon could not be asked.</exception>
    public static Reply? AskFor(this IDaemon daemon, Verb verb, ReadOnlySpan<byte> payload, StartMode start) =>
        daemon.Ask(verb, payload, start) switch
        {
            AskResult.Answered answered => answered.Reply,
            AskResult.Failed failed => throw new Refusal(failed.Message, failed.Hint),
            AskResult.Absent when start == StartMode.OnlyIfRunning => null,
            AskResult.Absent => throw new Refusal("the daemon could not be started", "look at what ark daemon run says"),
            _ => throw new UnreachableException(),
        };

    /// <summary>Prints a reply to the byte; answers its exit code.</summary>
    public static int Relay(this Terminal terminal, Reply reply)
    {
        terminal.Write(reply.Stdout);
        terminal.WriteError(reply.Stderr);
        return reply.ExitCode == 0 ? 0 : 1;
    }
}
