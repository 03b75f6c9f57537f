using System.Text.RegularExpressions;

namespace Ark.Tests.Architecture;

/// <summary>A Markdown page of this repository: where it leads, and where others can point into it.</summary>
/// <param name="File">Its path below the root, with forward slashes.</param>
/// <param name="Links">What it links to in the repository.</param>
/// <param name="Anchors">What a link to one of its headings may say after <c>#</c>.</param>
internal sealed partial record Page(string File, IReadOnlyList<PageLink> Links, IReadOnlySet<string> Anchors)
{
    public static bool Is(string file) => file.EndsWith(".md", StringComparison.Ordinal);

    public static IEnumerable<Page> All() => Repository.Files().Where(Is).Select(Of);

    /// <summary>The page of a file; one without links and headings where the file is no page.</summary>
    public static Page Of(string file)
    {
        string text = Is(file) && System.IO.File.Exists(Repository.PathOf(file)) ? Fence().Replace(Repository.Text(file), "") : "";
        return new Page(
            file,
            [.. Link().Matches(text).Select(match => match.Groups[1].Value).Where(IsInside).Select(target => Resolve(file, target))],
            Heading().Matches(text).Select(match => Anchor(match.Groups[1].Value)).ToHashSet());
    }

    private static bool IsInside(string target) =>
        !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal);

    private static PageLink Resolve(string page, string target)
    {
        string[] parts = target.Split('#', 2);
        string whole = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, parts[0]));
        return new PageLink(
            parts[0].Length == 0 ? page : Path.GetRelativePath(Repository.Root, whole).Replace('\\', '/'),
            parts.Length == 2 ? parts[1] : "");
    }

    /// <summary>As the places that show Markdown make them: lower case, no punctuation, a hyphen for each blank.</summary>
    private static string Anchor(string heading) => Punctuation().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^()\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();
}

/// <summary>A link within the repository.</summary>
/// <param name="File">What it leads to, below the root.</param>
/// <param name="Anchor">The heading that it points to, or empty.</param>
internal sealed record PageLink(string File, string Anchor);
