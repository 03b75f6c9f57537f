namespace Ark.Processes;

/// <summary>
/// Runs other programs within limits: a time, a length of output, nothing inherited. Whatever happens, the program and what it left behind
/// in its process group have ended when the run has.
/// </summary>
/// <param name="time">The clock of the limits.</param>
public sealed class ProgramRunner(TimeProvider time)
{
    /// <summary>More than any credentials need, and little enough to be held in memory.</summary>
    public const int MaxOutput = 64 * 1024;

    /// <summary>How long what a program has written may take to arrive after its end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>Runs it to its end. Throws only <see cref="OperationCanceledException"/>, when the caller stops waiting.</summary>
    public async Task<ProgramEnd> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        var output = new ProgramOutput(MaxOutput);
        var errors = new ProgramOutput(call.ErrorsKept);
        bool kept = false;
        try
        {
            ProgramEnd end = await RunAsync(call, output, errors, cancellationToken);
            kept = end is ProgramEnd.Ended;
            return end;
        }
        finally
        {
            if (!kept)
            {
                output.Dispose();
                errors.Dispose();
            }
        }
    }

    private async Task<ProgramEnd> RunAsync(
        ProgramCall call, ProgramOutput output, ProgramOutput errors, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(call.Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var finished = new CancellationTokenSource();
        using RunningProgram? program = RunningProgram.Start(call);
        if (program is null)
        {
            return new ProgramEnd.NotStarted();
        }

        try
        {
            _ = FeedAsync(program.Input, call.Input, finished.Token);
            Task keeping = errors.KeepBeginningAsync(program.Errors, finished.Token);
            Task reading = output.FillAsync(program.Output, finished.Token);
            Task<int> exit = program.Exit.WaitAsync(either.Token);
            if (await Task.WhenAny(reading, exit) == reading && output.IsTooLong)
            {
                return new ProgramEnd.TooLong();
            }

            int exitCode = await exit;
            bool isWanted = exitCode == 0 || call.KeepsOutputOfFailure;
            await ArriveAsync(
                isWanted ? reading : Task.CompletedTask, call.ErrorsKept > 0 ? keeping : Task.CompletedTask, either.Token);
            return output.IsTooLong ? new ProgramEnd.TooLong() : new ProgramEnd.Ended(exitCode, output, errors);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProgramEnd.TimedOut();
        }
        finally
        {
            await finished.CancelAsync();
            program.End();
        }
    }

    /// <summary>Waits for what the ended program wrote, and not for a child of it that keeps the pipe open.</summary>
    private async Task ArriveAsync(Task reading, Task keeping, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(reading, keeping).WaitAsync(Grace, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Everything that it wrote has been read by now.
        }
    }

    /// <summary>Not waited for: a program need not read what it is given, and a child of it may hold the pipe open for ever.</summary>
    private static async Task FeedAsync(Stream input, ReadOnlyMemory<byte> bytes, CancellationToken finished)
    {
        try
        {
            await input.WriteAsync(bytes, finished);
            input.Close();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It has ended, or does not want to know.
        }
    }
}
