namespace Ark.Processes;

/// <summary>How a run came to its end.</summary>
public abstract record ProgramEnd
{
    private ProgramEnd()
    {
    }

    /// <summary>There is no such program, or it may not be executed, or the machine has no room for it.</summary>
    public sealed record NotStarted : ProgramEnd;

    /// <summary>It took longer than it was given, and was killed.</summary>
    public sealed record TimedOut : ProgramEnd;

    /// <summary>It printed more than <see cref="ProgramRunner.MaxOutput"/>, and was killed.</summary>
    public sealed record TooLong : ProgramEnd;

    /// <summary>It ended by itself. Disposing of it wipes what it has printed.</summary>
    public sealed record Ended : ProgramEnd, IDisposable
    {
        private readonly ProgramOutput _output;
        private readonly ProgramOutput _errors;

        internal Ended(int exitCode, ProgramOutput output, ProgramOutput errors)
        {
            ExitCode = exitCode;
            _output = output;
            _errors = errors;
        }

        /// <summary>Its exit code; 128 and the signal's number where a signal ended it.</summary>
        public int ExitCode { get; }

        /// <summary>What it printed, in pinned memory. Empty after <see cref="Dispose"/>.</summary>
        public ReadOnlyMemory<byte> Output => _output.SoFar;

        /// <summary>What was kept of what it wrote to standard error. Empty after <see cref="Dispose"/>.</summary>
        public ReadOnlyMemory<byte> Errors => _errors.SoFar;

        public void Dispose()
        {
            _output.Dispose();
            _errors.Dispose();
        }

        /// <summary>Never what it printed.</summary>
        public override string ToString() => $"exit code {ExitCode}";
    }
}

/// <summary>The beginning of a stream, in pinned memory, which is wiped when it is disposed of.</summary>
internal sealed class ProgramOutput(int most) : IDisposable
{
    // One more than is kept, to tell too much from just enough.
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(most + 1, pinned: true);

    private volatile int _length;

    public bool IsTooLong => _length > most;

    public ReadOnlyMemory<byte> SoFar => _bytes.AsMemory(0, Math.Min(_length, most));

    /// <summary>Reads until the stream ends or there is too much.</summary>
    public async Task FillAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (!IsTooLong && await stream.ReadAsync(_bytes.AsMemory(_length), cancellationToken) is > 0 and var read)
        {
            _length += read;
        }
    }

    /// <summary>Reads until the stream ends, and throws away what there is too much.</summary>
    public async Task KeepBeginningAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            await FillAsync(stream, cancellationToken);
            await stream.CopyToAsync(Stream.Null, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The program has ended, or has been ended.
        }
    }

    public void Dispose()
    {
        _length = 0;
        Array.Clear(_bytes);
    }
}
