using System.Text.Json;
using Ark.Core.Configuration;
using Xunit;

namespace Ark.Tests.Configuration;

/// <summary>What editors are told of the configuration and what is read of it are the same.</summary>
public sealed class ConfigurationSchemaTests
{
    private static readonly JsonSchema TheSchema = new(ConfigurationCorpus.Schema);

    public static TheoryData<string> Good => [.. ConfigurationCorpus.Good];

    public static TheoryData<string> Bad => [.. ConfigurationCorpus.Bad];

    [Fact]
    public void Every_object_is_closed_and_every_property_described() => AssertClosedAndDescribed(ConfigurationCorpus.Schema);

    [Theory]
    [MemberData(nameof(Good))]
    public void A_good_configuration_is_read_and_validates(string name)
    {
        byte[] text = ConfigurationCorpus.Read("good", name);
        using var document = JsonDocument.Parse(text, ConfigurationCorpus.Relaxed);

        ConfigurationOutcome outcome = ConfigurationFile.Parse(text, name);

        Assert.True(outcome is ConfigurationOutcome.Loaded, (outcome as ConfigurationOutcome.Invalid)?.Problem.Message);
        Assert.True(TheSchema.Allows(document.RootElement));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_configuration_is_refused_at_its_mistake_and_by_the_schema_where_it_can_see_it(string name)
    {
        byte[] text = ConfigurationCorpus.Read("bad", name);
        string[] expected = System.Text.Encoding.UTF8.GetString(text).Split('\n')[0].Split(' ', 4);

        ConfigurationError error = Assert.Single(Assert.IsType<ConfigurationOutcome.Invalid>(ConfigurationFile.Parse(text, name)).Errors);

        Assert.Equal($"{name}:{expected[1]}: {expected[3]}", $"{error}");
        if (expected[2] == "shape")
        {
            using var document = JsonDocument.Parse(text, ConfigurationCorpus.Relaxed);
            Assert.False(TheSchema.Allows(document.RootElement));
        }
    }

    [Fact]
    public void The_good_configurations_use_every_property_and_every_type()
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in ConfigurationCorpus.Good)
        {
            using var document = JsonDocument.Parse(ConfigurationCorpus.Read("good", name), ConfigurationCorpus.Relaxed);
            Collect(document.RootElement, used);
        }

        IEnumerable<string> all =
            from type in ConfigurationTable.Objects
            from property in type.Properties
            from name in property.OldName is { } old ? [property.Name, old] : (string[])[property.Name]
            select ConfigurationTable.Source.Variants.Contains(type) ? $"{type.Name}.{name}" : name;
        Assert.Empty(all.Except(used));
    }

    private static void Collect(JsonElement value, HashSet<string> used)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray())
            {
                Collect(item, used);
            }
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            string? type = value.TryGetProperty("type", out JsonElement written) ? written.GetString() : null;
            foreach (JsonProperty property in value.EnumerateObject())
            {
                _ = used.Add(property.Name);
                _ = used.Add($"{type}.{property.Name}");
                Collect(property.Value, used);
            }
        }
    }

    private static void AssertClosedAndDescribed(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Array)
        {
            Assert.All(schema.EnumerateArray(), AssertClosedAndDescribed);
        }
        else if (schema.ValueKind == JsonValueKind.Object)
        {
            if (schema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object)
            {
                Assert.All(properties.EnumerateObject(), property => Assert.NotEqual("", property.Value.GetProperty("description").GetString()));

                // The source is one of six, each of which is closed.
                Assert.True(schema.TryGetProperty("oneOf", out _) || !schema.GetProperty("additionalProperties").GetBoolean());
            }

            Assert.All(schema.EnumerateObject(), keyword => AssertClosedAndDescribed(keyword.Value));
        }
    }
}
