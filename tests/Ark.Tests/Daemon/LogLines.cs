using Ark.Daemon.Logging;
using Ark.Testing;
using Microsoft.Extensions.Logging;

namespace Ark.Tests.Daemon;

/// <summary>Keeps what the daemon logs, line by line as it would be written.</summary>
internal sealed class LogLines : ILineSink
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    public LogLines(LogLevel least = LogLevel.Debug) => Logger = new LineLogger(least, new ManualClock(), this);

    public ILogger Logger { get; }

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public void Write(LogLevel level, string line)
    {
        lock (_gate)
        {
            _lines.Add(line);
        }
    }

    public override string ToString() => string.Join('\n', All);
}
