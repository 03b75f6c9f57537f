using System.Text;

namespace Ark.Cli.Help;

/// <summary>A page of the manual, in the language of man(7), for packages and installers.</summary>
internal static class ManualPage
{
    /// <summary>Such as <c>ark-org-list.1</c>.</summary>
    public static string FileName(CommandPage page) => $"{Title(page)}.1";

    /// <param name="page">The command.</param>
    /// <param name="version">The version that the page is of; a date would make each build another.</param>
    public static string Of(CommandPage page, string version)
    {
        var text = new StringBuilder();
        text.Append($".TH {Quoted(Title(page).ToUpperInvariant())} 1 \"\" {Quoted($"ark {version}")} \"User Commands\"\n");
        Section(text, "NAME", $"{Escaped(Title(page))} \\- {Escaped(Summary(page))}\n");
        Section(text, "SYNOPSIS", $".B {Escaped(page.Usage)}\n");
        Section(text, "DESCRIPTION", page.Description.Contains('\n', StringComparison.Ordinal) ? $"{Escaped(page.Description)}\n" : "");
        Section(text, "ARGUMENTS", List(page.Arguments));
        Section(text, "OPTIONS", List(page.Options));
        Section(text, "COMMANDS", List(page.Commands));
        foreach (string block in page.Further.Split("\n\n"))
        {
            Further(text, block);
        }

        return text.ToString();
    }

    private static string Title(CommandPage page) => page.Name.Replace(' ', '-');

    private static string Summary(CommandPage page) =>
        page.Description.Split([": ", ". "], StringSplitOptions.None)[0].ReplaceLineEndings(" ");

    /// <summary>A heading with indented lines becomes a section of them as they are; anything else is a paragraph.</summary>
    private static void Further(StringBuilder text, string block)
    {
        if (block.Split('\n') is [[.. var heading, ':'], .. { Length: > 0 } lines] && lines.All(static line => line.StartsWith(' ')))
        {
            Section(text, heading.ToUpperInvariant(), $".nf\n{string.Join('\n', lines.Select(line => Escaped(line.Trim())))}\n.fi\n");
        }
        else
        {
            text.Append($".PP\n{Escaped(block)}\n");
        }
    }

    private static string List(IReadOnlyList<CommandPage.Entry> entries) =>
        string.Concat(entries.Select(static entry => $".TP\n.B {Escaped(entry.Term)}\n{Escaped(entry.Meaning)}\n"));

    private static void Section(StringBuilder text, string title, string lines)
    {
        if (lines.Length > 0)
        {
            text.Append($".SH {title}\n{lines}");
        }
    }

    private static string Quoted(string text) => $"\"{Escaped(text)}\"";

    /// <summary>
    /// With all that means something to the formatter written out: backslashes, hyphens, letters beyond ASCII, a point that begins a line.
    /// </summary>
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (char letter in text)
        {
            bool begins = escaped.Length == 0 || escaped[^1] == '\n';
            escaped.Append(letter switch
            {
                '\\' => "\\e",
                '-' => "\\-",
                '.' or '\'' when begins => $"\\&{letter}",
                > '~' => $"\\[u{(int)letter:X4}]",
                _ => $"{letter}",
            });
        }

        return escaped.ToString();
    }
}
