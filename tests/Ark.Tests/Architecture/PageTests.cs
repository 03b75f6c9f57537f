using System.Text.RegularExpressions;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>Pages that say what can be looked up must say it right.</summary>
public sealed partial class PageTests
{
    private static readonly HashSet<string> RootEntries =
    [
        "src", "tests", "installers", "scripts", "CredHelper.sln", "README.md",
        ".ci", ".editorconfig", ".gitattributes", ".gitignore", "global.json", "Directory.Build.props",
        "Directory.Packages.props", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
    ];

    [Fact]
    public void The_architecture_page_shows_the_projects_as_they_are()
    {
        var onPage = Table(Repository.Text("src/README.md"), "Projects")
            .Where(cells => Code().IsMatch(cells[0]))
            .ToDictionary(cells => LastPart(Code().Match(cells[0])), cells => Names(cells[2]));
        var projects = Project.All.Values.ToDictionary(project => project.Name, project => string.Join(", ", project.References));
        Assert.Equal(projects.OrderBy(pair => pair.Key, StringComparer.Ordinal), onPage.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    /// <summary>By it a client knows that the daemon it meets is from before it was upgraded.</summary>
    [Fact]
    public void The_version_is_that_of_the_newest_changes()
    {
        Match newest = Version().Match(Repository.Text("CHANGELOG.md"));
        Assert.Equal(newest.Groups[1].Value, Ark.Wire.Build.Current);
    }

    [Fact]
    public void The_root_holds_what_it_is_meant_to_hold() =>
        Assert.Empty(Repository.Files().Select(file => file.Split('/')[0]).Distinct().Except(RootEntries));

    [Fact]
    public void Decisions_are_numbered_and_titled_and_listed()
    {
        string[] pages = [.. Repository.Files().Where(file => file.StartsWith("src/decisions/", StringComparison.Ordinal)).Select(file => file["src/decisions/".Length..])];
        string[] decisions = [.. pages.Where(page => page != "README.md")];
        Assert.All(decisions, page => Assert.Matches(DecisionName(), page));
        Assert.Equal(decisions.Length, decisions.Select(page => page[..4]).Distinct().Count());
        if (pages.Contains("README.md"))
        {
            string index = Repository.Text("src/decisions/README.md");
            Assert.All(decisions, page => Assert.Contains($"]({page})", index, StringComparison.Ordinal));
        }
    }

    /// <summary>People search for what they were shown.</summary>
    [Theory]
    [InlineData("no basic auth credentials")]
    [InlineData("Your authorization token has expired")]
    [InlineData("error getting credentials")]
    [InlineData("exec: \"docker-credential-ark\": executable file not found in $PATH")]
    [InlineData("credentials not found in native keychain")]
    public void Troubleshooting_has_a_heading_of_the_words_that_people_paste(string words) =>
        Assert.Contains($"\n## {words}\n", Repository.Text("src/docs/troubleshooting.md"), StringComparison.Ordinal);

    [Fact]
    public void Links_lead_somewhere()
    {
        IEnumerable<string> broken =
            from page in Page.All()
            from link in page.Links
            where !Path.Exists(Repository.PathOf(link.File)) || (link.Anchor.Length > 0 && !Page.Of(link.File).Anchors.Contains(link.Anchor))
            select $"{page.File}: {link.File}#{link.Anchor}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_page_can_be_reached_from_README()
    {
        var reached = new HashSet<string>();
        var next = new Queue<string>(["README.md"]);
        while (next.TryDequeue(out string? file))
        {
            if (reached.Add(file))
            {
                Page.Of(file).Links.Select(link => link.File).Where(Page.Is).ToList().ForEach(next.Enqueue);
            }
        }

        Assert.Empty(Page.All().Select(page => page.File).Except(reached));
    }

    [Fact]
    public void Pages_are_in_American_spelling()
    {
        IEnumerable<string> found =
            from page in Page.All()
            from Match word in British().Matches(Repository.Text(page.File))
            select $"{page.File}: {word.Value}";
        Assert.Empty(found);
    }

    [Fact]
    public void Pages_call_the_users_file_the_configuration()
    {
        IEnumerable<string> found =
            from page in Page.All()
            from Match words in OldName().Matches(Repository.Text(page.File))
            select $"{page.File}: {words.Value}";
        Assert.Empty(found);
    }

    [Fact]
    public void Nothing_names_a_place_that_only_some_machines_have()
    {
        // Put together here, so that this file does not name them either.
        string[] places = ["/wo" + "rk/", "nuget" + ".org", "pkgs.dev." + "azure.com", "npmjs" + ".org", "/root/" + ".", "/ho" + "me/user"];
        var named =
            from file in Repository.Files()
            let text = Repository.Text(file)
            from place in places
            where text.Contains(place, StringComparison.OrdinalIgnoreCase)
            select $"{file}: {place}";
        Assert.Empty(named);
    }

    /// <summary>The cells of the rows of the first table below a heading, without the head.</summary>
    private static IEnumerable<string[]> Table(string page, string heading) => page
        .Split('\n')
        .SkipWhile(line => line.Trim() != $"## {heading}")
        .SkipWhile(line => !line.StartsWith('|'))
        .TakeWhile(line => line.StartsWith('|'))
        .Skip(2)
        .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries));

    private static string Names(string cell) => string.Join(", ", Code().Matches(cell).Select(LastPart).Order(StringComparer.Ordinal));

    private static string LastPart(Match code) => code.Groups[1].Value.TrimEnd('/').Split('/')[^1];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\A[0-9]{4}-[a-z0-9]+(-[a-z0-9]+)*\.md\z")]
    private static partial Regex DecisionName();

    [GeneratedRegex("organis|licence|behaviour|colour|favour|neighbour|optimis|recognis|serialis|normalis|initialis|catalogue|honour", RegexOptions.IgnoreCase)]
    private static partial Regex British();

    [GeneratedRegex(@"^## (\d+\.\d+\.\d+)", RegexOptions.Multiline)]
    private static partial Regex Version();

    [GeneratedRegex(@"\b(the|a|an|this|your) map( file)?\b", RegexOptions.IgnoreCase)]
    private static partial Regex OldName();
}
