using Ark.Core.Configuration;
using Ark.Core.Tokens;
using Ark.Tests.Architecture;
using Xunit;

namespace Ark.Tests.Configuration;

/// <summary>The configuration is described once, in a table; what is written from it is in the repository and up to date.</summary>
public sealed class GeneratedFilesTests
{
    private const string Command =
        $"ARK_UPDATE=1 dotnet run --project tests/Ark.Tests -c Release -- -class Ark.Tests.Configuration.{nameof(GeneratedFilesTests)}";

    [Fact]
    public void The_schema_is_as_the_table_says() => AssertCurrent("src/ark/Configuration/ark.schema.json", SchemaWriter.Write());

    [Fact]
    public void The_reference_page_is_as_the_table_says() =>
        AssertCurrent("src/docs/configuration-reference.md", ReferencePageWriter.Write(Command));

    [Fact]
    public void The_defaults_in_the_table_are_those_that_count()
    {
        Property At(string name) => ConfigurationTable.Refresh.Find(name);

        Assert.Equal(RefreshPolicy.Default.At, double.Parse(At("at").Default!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(RefreshPolicy.Default.MinRemaining, IsoDuration.Parse(At("minRemaining").Default));
        Assert.Equal(ArkConfiguration.Empty.IdleExit, IsoDuration.Parse(ConfigurationTable.Root.Find("idleExit").Default));
    }

    private static void AssertCurrent(string file, string text)
    {
        string path = Repository.PathOf(file);
        if (Environment.GetEnvironmentVariable("ARK_UPDATE") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == text, $"{file} is stale; renew it with: {Command}");
    }
}
