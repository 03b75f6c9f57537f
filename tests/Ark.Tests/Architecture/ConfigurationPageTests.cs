using System.Text;
using System.Text.RegularExpressions;
using Ark.Core.Configuration;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>What the pages say of the configuration is what the parser reads.</summary>
public sealed partial class ConfigurationPageTests
{
    [Fact]
    public void The_configuration_in_README_is_valid()
    {
        Match block = Assert.Single(Block().Matches(Repository.Text("README.md")));

        ConfigurationOutcome configuration = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(block.Groups[1].Value), "README.md");

        Assert.True(configuration is ConfigurationOutcome.Loaded, (configuration as ConfigurationOutcome.Invalid)?.Problem.Message);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_in_the_documentation_is_valid(string page, string example)
    {
        ConfigurationOutcome outcome = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(example), page);

        Assert.True(outcome is ConfigurationOutcome.Loaded, (outcome as ConfigurationOutcome.Invalid)?.Problem.Message);
    }

    public static TheoryData<string, string> Examples() =>
    [..
        from page in Directory.EnumerateFiles(Repository.PathOf("src/docs"), "*.md", SearchOption.AllDirectories)
        from Match block in Block().Matches(File.ReadAllText(page))
        select (Path.GetRelativePath(Repository.Root, page), block.Groups[1].Value),
    ];

    [GeneratedRegex("```jsonc\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
