using System.Text;

namespace Ark.Aws.Credentials;

/// <summary>Splits a <c>credential_process</c> line into words, as AWS's tools do; no shell ever sees it.</summary>
internal static class CommandLine
{
    /// <summary>The words; empty when a quote is not closed, or when there is nothing.</summary>
    /// <param name="line">The line as the profile has it.</param>
    /// <param name="windows">Windows keeps backslashes, which are in every path there, and knows only double quotes.</param>
    public static string[] Split(string line, bool windows)
    {
        List<string> words = [];
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (Escapes(line, i, quote, windows))
            {
                word.Append(line[++i]);
                inWord = true;
            }
            else if (quote != '\0')
            {
                if (c == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(c);
                }
            }
            else if (c == '"' || (c == '\'' && !windows))
            {
                quote = c;
                inWord = true;
            }
            else if (!char.IsWhiteSpace(c))
            {
                word.Append(c);
                inWord = true;
            }
            else if (inWord)
            {
                words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }

        if (quote != '\0')
        {
            return [];
        }

        return inWord ? [.. words, word.ToString()] : [.. words];
    }

    private static bool Escapes(string line, int i, char quote, bool windows)
    {
        if (line[i] != '\\' || i + 1 == line.Length || quote == '\'')
        {
            return false;
        }

        return windows ? line[i + 1] == '"' : quote == '\0' || line[i + 1] is '"' or '\\';
    }
}
