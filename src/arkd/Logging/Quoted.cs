namespace Ark.Daemon.Logging;

/// <summary>
/// Free text as the value of a log line: in quotes, with a backslash before each quote and backslash of its own, so that it cannot end
/// its value and begin another.
/// </summary>
internal readonly record struct Quoted(string Text)
{
    public static implicit operator Quoted(string text) => new(text);

    public override string ToString()
    {
        string escaped = Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"\"{escaped}\"";
    }
}
