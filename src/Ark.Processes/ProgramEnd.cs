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
