using System.Diagnostics;
using System.Text;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Output;

/// <summary>The few ways in which every command treats an answer of the daemon.</summary>
internal static class Questions
{
    private const string ErrorMark = "ark: error: ";
    private const string HintMark = "ark: hint: ";

    /// <summary>The reply, or null when no daemon is running.</summary>
    /// <exception cref="UserError">The daemon could not be asked.</exception>
    public static Reply? AskFor(this IDaemon daemon, Verb verb, ReadOnlySpan<byte> payload, StartMode start) =>
        daemon.Ask(verb, payload, start) switch
        {
            AskResult.Answered answered => answered.Reply,
            AskResult.Failed failed => throw new UserError(failed.Message, failed.Hint),
            AskResult.Absent when start == StartMode.OnlyIfRunning => null,
            AskResult.Absent => throw new UserError("the daemon could not be started", "look at what ark daemon run says"),
            _ => throw new UnreachableException(),
        };

    /// <summary>The standard output of a daemon that was able to; what it notes goes to our error stream.</summary>
    /// <exception cref="DaemonError">It was not, and has said why.</exception>
    public static byte[] Answer(this Terminal terminal, IDaemon daemon, Verb verb, ReadOnlySpan<byte> payload)
    {
        var reply = daemon.AskFor(verb, payload, StartMode.StartIfAbsent)!;
        terminal.WriteError(reply.Stderr);
        return reply.ExitCode == 0 ? reply.Stdout : throw new DaemonError();
    }

    /// <summary>Prints a reply to the byte, each error once; answers its exit code.</summary>
    public static int Relay(this Terminal terminal, Reply reply)
    {
        terminal.Write(reply.ExitCode == 0 ? reply.Stdout : WithoutErrors(reply));
        terminal.WriteError(reply.Stderr);
        return reply.ExitCode == 0 ? 0 : 1;
    }

    /// <summary>What a failed reply says is wrong and what to do about it; null where it gives no reason.</summary>
    public static (string Message, string? Hint)? Reason(this Reply reply)
    {
        var lines = Encoding.UTF8.GetString(reply.Stderr).Split('\n');
        return After(lines, ErrorMark) is { } message ? (message, After(lines, HintMark)) : null;
    }

    /// <summary>Most clients of a credential helper show its output alone, so the daemon says every error there as well.</summary>
    private static byte[] WithoutErrors(Reply reply)
    {
        var errors = Encoding.UTF8.GetString(reply.Stderr).Split('\n').Where(line => line.StartsWith(ErrorMark, StringComparison.Ordinal)).Select(line => line[ErrorMark.Length..]).ToHashSet();
        return Encoding.UTF8.GetBytes(string.Join('\n', Encoding.UTF8.GetString(reply.Stdout).Split('\n').Where(line => line.Length == 0 || !errors.Contains(line))));
    }

    private static string? After(string[] lines, string mark) =>
        Array.Find(lines, line => line.StartsWith(mark, StringComparison.Ordinal)) is { } line ? TextSanitizer.Line(line[mark.Length..]) : null;
}
