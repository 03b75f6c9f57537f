using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Logging;

/// <summary>
/// What failed that should not have: bugs, and connections that could not be accepted. Each kind is logged once, so that one which comes
/// back every second does not push everything else out of the log; all are counted, for status.
/// </summary>
internal sealed class Faults(ILogger log)
{
    private readonly HashSet<(string, Type)> _known = [];
    private readonly Lock _gate = new();
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    /// <param name="doing">What was being done, in a word or two.</param>
    /// <param name="exception">Of it the type and the place are logged: its text may quote what it choked on.</param>
    public void Add(string doing, Exception exception)
    {
        Interlocked.Increment(ref _count);
        lock (_gate)
        {
            if (!_known.Add((doing, exception.GetType())))
            {
                return;
            }
        }

        log.Fault(doing, exception.GetType().Name, exception.StackTrace?.Split('\n')[0].Trim() ?? "");
    }
}
