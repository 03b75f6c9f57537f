using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Logging;

/// <summary>Standard error. Under journald each line begins with its priority, which the journal takes off again.</summary>
internal sealed class StandardErrorSink(bool journal) : ILineSink
{
    public void Write(LogLevel level, string line)
    {
        try
        {
            Console.Error.WriteLine(journal ? $"<{Priority(level)}>{line}" : line);
        }
        catch (IOException)
        {
            // Closed or full: there is nobody left to tell.
        }
    }

    /// <summary>syslog's numbers.</summary>
    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => 7,
        LogLevel.Warning => 4,
        LogLevel.Error or LogLevel.Critical => 3,
        _ => 6,
    };
}
