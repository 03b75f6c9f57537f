using System.Text;

namespace Ark.Testing;

/// <summary>What a program left: its exit code and every byte it wrote.</summary>
public sealed record ProgramResult(int ExitCode, byte[] Output, byte[] Error)
{
    public string OutputText => Encoding.UTF8.GetString(Output);

    public string ErrorText => Encoding.UTF8.GetString(Error);

    /// <summary>All of it, for the message of a failed assertion.</summary>
    public override string ToString() => $"exit {ExitCode}\nstdout: {OutputText}\nstderr: {ErrorText}";
}
