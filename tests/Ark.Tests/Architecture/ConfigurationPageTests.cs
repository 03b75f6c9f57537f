using System.Text;
using System.Text.RegularExpressions;
using Ark.Core.Configuration;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>What the pages say of the configuration is what the parser reads.</summary>
public sealed partial class ConfigurationPageTests
{
    [Fact]
    public void The_map_in_README_is_a_map()
    {
        Match block = Assert.Single(Block().Matches(Repository.Text("README.md")));

        ConfigurationOutcome configuration = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(block.Groups[1].Value), "README.md");

        Assert.True(configuration is ConfigurationOutcome.Loaded, (configuration as ConfigurationOutcome.Invalid)?.Problem.Message);
    }

    [Fact]
    public void The_page_of_properties_has_every_one_of_them()
    {
        string page = Repository.Text("installers/map.md");
        string[][] all =
        [
            ConfigurationSyntax.RootProperties, ConfigurationSyntax.RegistryProperties, ConfigurationSyntax.RefreshProperties, ConfigurationSyntax.OrganizationProperties,
            SourceSyntax.EcrProperties, SourceSyntax.EcrPublicProperties, SourceSyntax.Types, SecretSyntax.Properties,
            OtherSources.HelperProperties, OtherSources.CommandProperties, OtherSources.StaticProperties, OtherSources.OAuthProperties,
            ConfigurationDefaults.Properties, ConfigurationDefaults.EncryptionProperties,
        ];

        Assert.All(all.SelectMany(names => names), name => Assert.Matches($"[`\"]{Regex.Escape(name)}[`\"]", page));
    }

    [GeneratedRegex("```jsonc\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
