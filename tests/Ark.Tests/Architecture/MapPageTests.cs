using System.Text;
using System.Text.RegularExpressions;
using Ark.Core.Map;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>What the pages say of the map file is what the parser reads.</summary>
public sealed partial class MapPageTests
{
    [Fact]
    public void The_map_in_README_is_a_map()
    {
        Match block = Assert.Single(Block().Matches(Repository.Text("README.md")));

        MapOutcome map = MapFile.Parse(Encoding.UTF8.GetBytes(block.Groups[1].Value), "README.md");

        Assert.True(map is MapOutcome.Loaded, (map as MapOutcome.Invalid)?.Problem.Message);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_in_the_documentation_is_valid(string page, string example)
    {
        MapOutcome map = MapFile.Parse(Encoding.UTF8.GetBytes(example), page);

        Assert.True(map is MapOutcome.Loaded, (map as MapOutcome.Invalid)?.Problem.Message);
    }

    public static TheoryData<string, string> Examples() =>
    [..
        from page in Directory.EnumerateFiles(Repository.PathOf("src/docs"), "*.md", SearchOption.AllDirectories)
        from Match block in Block().Matches(File.ReadAllText(page))
        select (Path.GetRelativePath(Repository.Root, page), block.Groups[1].Value),
    ];

    [Fact]
    public void The_page_of_properties_has_every_one_of_them()
    {
        string page = Repository.Text("src/docs/configuration.md");
        string[][] all =
        [
            MapSyntax.RootProperties, MapSyntax.RegistryProperties, MapSyntax.RefreshProperties, MapSyntax.OrganizationProperties,
            MapSource.EcrProperties, MapSource.EcrPublicProperties, MapSource.Types, MapSecret.Properties,
            OtherSources.HelperProperties, OtherSources.CommandProperties, OtherSources.StaticProperties, OtherSources.OAuthProperties,
            MapDefaults.Properties, MapDefaults.EncryptionProperties,
        ];

        Assert.All(all.SelectMany(names => names), name => Assert.Matches($"[`\"]{Regex.Escape(name)}[`\"]", page));
    }

    [GeneratedRegex("```jsonc\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
