using Ark.Wire;

namespace Ark.Client;

/// <summary>The daemon as its clients see it: one question, one answer.</summary>
public interface IDaemon
{
    /// <summary>Asks the daemon of this user. Never throws; every outcome is a value.</summary>
    /// <param name="verb">What is asked.</param>
    /// <param name="payload">The verb's bytes: a registry, docker's JSON, or nothing.</param>
    /// <param name="start">Whether an absent daemon is started.</param>
    AskResult Ask(Verb verb, ReadOnlySpan<byte> payload, StartMode start);

    /// <summary>Asks a running daemon to stop: it finishes what it is answering and exits. True when it did or none was running.</summary>
    bool Shutdown();
}

/// <summary>What to do when no daemon is running.</summary>
public enum StartMode
{
    /// <summary>Start one, and where that fails do the work once without it.</summary>
    StartIfAbsent,

    /// <summary>Only ask one that is there already.</summary>
    OnlyIfRunning,
}

/// <summary>What became of a question.</summary>
public abstract record AskResult
{
    private AskResult()
    {
    }

    public sealed record Answered(Reply Reply) : AskResult;

    /// <summary>No daemon is running and none was to be started.</summary>
    public sealed record Absent : AskResult;

    /// <summary>It could not be asked at all.</summary>
    /// <param name="Message">One line, lower case, no full stop.</param>
    /// <param name="Hint">What to do next, one line.</param>
    public sealed record Failed(string Message, string Hint) : AskResult;
}
