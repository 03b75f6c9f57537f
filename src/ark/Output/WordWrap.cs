namespace Ark.Cli.Output;

/// <summary>Text in lines that fit; a word is never broken.</summary>
internal static class WordWrap
{
    /// <summary>Lines of at most this many characters, but for words that are longer; one empty line of an empty text.</summary>
    public static IEnumerable<string> Lines(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }
}
