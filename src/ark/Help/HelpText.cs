using System.Text;
using Ark.Cli.Output;

namespace Ark.Cli.Help;

/// <summary>A page of help for a terminal: no line is longer than the terminal is wide, unless it is a command to be copied.</summary>
internal static class HelpText
{
    private const int Indent = 2;
    private const int Gap = 2;

    public static string Of(CommandPage page, int width)
    {
        var text = new StringBuilder();
        Section(text, "Description", Wrapped(page.Description.Replace('\n', ' '), width, Indent));
        Section(text, "Usage", Wrapped(page.Usage, width, Indent));
        Section(text, "Arguments", List(page.Arguments, width));
        Section(text, "Options", List(page.Options, width));
        Section(text, "Commands", List(page.Commands, width));
        return text.Append(Further(page.Further, width)).Append('\n').ToString();
    }

    /// <summary>Lines of at most this width, each with this many blanks before it; a word is never broken.</summary>
    public static string Wrapped(string text, int width, int indent)
    {
        string margin = new(' ', indent);
        return string.Join('\n', WordWrap.Lines(text, width - indent).Select(each => margin + each));
    }

    /// <summary>Terms in a column, their meanings beside them, or below where there is no room beside.</summary>
    private static string List(IReadOnlyList<CommandPage.Entry> entries, int width)
    {
        if (entries is [])
        {
            return "";
        }

        int most = (width / 2) - Indent - Gap;
        int column = entries.Select(entry => entry.Term.Length).Where(length => length <= most).DefaultIfEmpty(0).Max() + Indent + Gap;
        return string.Join('\n', entries.Select(entry =>
        {
            string term = new string(' ', Indent) + entry.Term;
            string meaning = Wrapped(entry.Meaning, width, column);
            return term.Length + Gap <= column ? string.Concat(term.PadRight(column), meaning.AsSpan(column)) : $"{term}\n{meaning}";
        }));
    }

    /// <summary>Paragraphs are wrapped; indented lines are commands and lists, and only what stands in their second column is.</summary>
    private static string Further(string text, int width)
    {
        var blocks = text.Split("\n\n").Select(block => block.Split('\n') switch
        {
            var lines when lines.Any(line => line.StartsWith(' ')) => string.Join('\n', lines.Select(line => TwoColumns(line, width))),
            var lines => Wrapped(string.Join(' ', lines), width, 0),
        });
        return string.Join("\n\n", blocks);
    }

    private static string TwoColumns(string line, int width)
    {
        int column = line.TrimStart().IndexOf("  ", StringComparison.Ordinal);
        if (line.Length <= width || column < 0)
        {
            return line;
        }

        int second = line.Length - line[(line.Length - line.TrimStart().Length + column)..].TrimStart().Length;
        return string.Concat(line.AsSpan(0, second), Wrapped(line[second..], width, second).AsSpan(second));
    }

    private static void Section(StringBuilder text, string title, string lines)
    {
        if (lines.Length > 0)
        {
            text.Append($"{title}:\n{lines}\n\n");
        }
    }
}
