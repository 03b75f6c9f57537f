namespace Ark.Cli.Output;

/// <summary>Text from elsewhere, made safe for a terminal.</summary>
internal static class Printable
{
    /// <summary>One line without control characters, so that nothing in it can move the cursor or fake another line.</summary>
    public static string Line(string text) =>
        string.Create(text.Length, text, static (line, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                line[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        });
}
