namespace Ark.Cli.Output;

/// <summary>
/// Why a command cannot do what it was asked. Thrown where that is found out, printed in one place (<see cref="CommandLine"/>),
/// as <c>ark: error: …</c> and <c>ark: hint: …</c> with exit code 1.
/// </summary>
/// <param name="message">One line, lower case, no full stop, no secret.</param>
/// <param name="hint">What to do next, in the same form.</param>
internal sealed class UserError(string message, string hint) : Exception(message)
{
    public string Hint { get; } = hint;
}
