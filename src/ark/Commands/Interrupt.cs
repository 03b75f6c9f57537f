using System.Runtime.InteropServices;

namespace Ark.Cli.Commands;

/// <summary>Commands that go on until Ctrl-C, and then end well.</summary>
internal static class Interrupt
{
    /// <summary>Runs it, and cancels it at the first Ctrl-C; returns its exit code.</summary>
    public static int Ends(Func<CancellationToken, Task<int>> run)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        return run(stop.Token).GetAwaiter().GetResult();
    }
}
