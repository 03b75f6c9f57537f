using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>The page of third-party notices names what the lock files of <c>src</c> say is built in.</summary>
public sealed partial class NoticesTests
{
    private const string Page = "src/docs/third-party-notices.md";

    [Fact]
    public void Every_package_of_a_shipped_project_is_named_with_its_version() => Assert.Empty(Locked().Except(Named()));

    [Fact]
    public void No_package_is_named_that_is_not_used() => Assert.Empty(Named().Except(Locked()));

    [Fact]
    public void Every_package_has_a_license() =>
        Assert.All(Rows(), cells => Assert.Contains(cells[2], (string[])["MIT", "[Apache-2.0](licenses/Apache-2.0.txt)"]));

    private static IEnumerable<string> Named() => Rows().Select(cells => $"{cells[0].Trim('`')} {cells[1]}");

    private static IEnumerable<string[]> Rows() => PackageRow().Matches(Repository.Text(Page))
        .Select(row => row.Value.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    /// <summary>What is restored for the framework that tests run on: packages for others only repeat what that one has built in.</summary>
    private static SortedSet<string> Locked() =>
    [..
        from file in Directory.EnumerateFiles(Repository.PathOf("src"), "packages.lock.json", SearchOption.AllDirectories)
        from framework in Json(file).GetProperty("dependencies").EnumerateObject()
        where framework.Name.StartsWith("net10.0", StringComparison.Ordinal)
        from package in framework.Value.EnumerateObject()
        where package.Value.TryGetProperty("resolved", out _)
        select $"{package.Name} {package.Value.GetProperty("resolved").GetString()}",
    ];

    private static JsonElement Json(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }

    [GeneratedRegex(@"^\| `[A-Za-z0-9.-]+` \| [0-9].*\|$", RegexOptions.Multiline)]
    private static partial Regex PackageRow();
}
