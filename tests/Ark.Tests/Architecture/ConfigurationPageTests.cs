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

    [GeneratedRegex("```jsonc\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
