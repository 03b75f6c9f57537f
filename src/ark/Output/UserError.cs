namespace Ark.Cli.Output;

/// <summary>
/// Why a command cannot do what it was asked. Thrown where that is found out, printed in one place as <c>ark: error: …</c> and
/// <c>ark: hint: …</c>, with exit code 1.
/// </summary>
/// <param name="message">One line, lower case, no full stop, no secret.</param>
/// <param name="hint">What to do next, in the same form.</param>
internal sealed class UserError(string message, string hint) : Exception(message)
{
    public string Hint { get; } = hint;
}

/// <summary>The daemon refused, and its own words are on standard error already: the command ends with exit code 1.</summary>
internal sealed class DaemonError() : Exception("the daemon has said why");
