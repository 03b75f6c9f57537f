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
    public void Each_object_has_the_properties_that_are_read()
    {
        AssertProperties(ConfigurationCorpus.Schema, ConfigurationSyntax.RootProperties);
        AssertProperties(Def("organization"), ConfigurationSyntax.OrganizationProperties, "name", "registries");
        AssertProperties(Def("registry"), ConfigurationSyntax.RegistryProperties, "hosts", "source");
        AssertProperties(Def("refresh"), ConfigurationSyntax.RefreshProperties);
        AssertProperties(Def("ecr"), SourceSyntax.EcrProperties, "type");
        AssertProperties(Def("ecr-public"), SourceSyntax.EcrPublicProperties, "type");
        AssertProperties(Def("helper"), OtherSources.HelperProperties, "type", "helper");
        AssertProperties(Def("command"), OtherSources.CommandProperties, "type", "command");
        AssertProperties(Def("static"), OtherSources.StaticProperties, "type", "secret");
        AssertProperties(Def("oauth"), OtherSources.OAuthProperties, "type", "url", "secretField", "secret", "username");
        AssertProperties(Def("repositoryDefaults"), ConfigurationDefaults.Properties);
        AssertProperties(Def("repositoryDefaults").GetProperty("properties").GetProperty("encryption"), ConfigurationDefaults.EncryptionProperties, "type");
        Assert.Equal(
            SecretSyntax.Properties.Order(),
            Def("secret").GetProperty("oneOf").EnumerateArray().SelectMany(place => Names(place.GetProperty("properties"))).Order());
    }

    [Fact]
    public void Each_choice_has_the_words_that_are_read()
    {
        JsonElement source = Def("registry").GetProperty("properties").GetProperty("source");
        JsonElement defaults = Def("repositoryDefaults").GetProperty("properties");

        Assert.Equal(SourceSyntax.Types, Words(source.GetProperty("properties").GetProperty("type")));
        Assert.Equal(SourceSyntax.Types, source.GetProperty("oneOf").EnumerateArray().Select(one =>
            TheSchema.Resolve(one).GetProperty("properties").GetProperty("type").GetProperty("const").GetString()!));
        Assert.Equal(ConfigurationDefaults.Mutabilities, Words(defaults.GetProperty("tagMutability")));
        Assert.Equal(ConfigurationDefaults.Encryptions, Words(defaults.GetProperty("encryption").GetProperty("properties").GetProperty("type")));
    }

    [Fact]
    public void Every_object_is_closed_and_every_property_described() => AssertClosedAndDescribed(ConfigurationCorpus.Schema);

    [Theory]
    [MemberData(nameof(Good))]
    public void A_good_map_is_read_and_validates(string name)
    {
        byte[] text = ConfigurationCorpus.Read("good", name);
        using var document = JsonDocument.Parse(text, ConfigurationCorpus.Relaxed);

        ConfigurationOutcome outcome = ConfigurationFile.Parse(text, name);

        Assert.True(outcome is ConfigurationOutcome.Loaded, (outcome as ConfigurationOutcome.Invalid)?.Problem.Message);
        Assert.True(TheSchema.Allows(document.RootElement));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_map_is_refused_at_its_mistake_and_by_the_schema_where_it_can_see_it(string name)
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
    public void The_good_maps_use_every_property_and_every_type()
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in ConfigurationCorpus.Good)
        {
            using var document = JsonDocument.Parse(ConfigurationCorpus.Read("good", name), ConfigurationCorpus.Relaxed);
            Collect(document.RootElement, used);
        }

        string[][] all =
        [
            ConfigurationSyntax.RootProperties, ConfigurationSyntax.OrganizationProperties, ConfigurationSyntax.RegistryProperties, ConfigurationSyntax.RefreshProperties,
            SecretSyntax.Properties, ConfigurationDefaults.Properties, ConfigurationDefaults.EncryptionProperties,
            Of("ecr", SourceSyntax.EcrProperties), Of("ecr-public", SourceSyntax.EcrPublicProperties), Of("helper", OtherSources.HelperProperties),
            Of("command", OtherSources.CommandProperties), Of("static", OtherSources.StaticProperties), Of("oauth", OtherSources.OAuthProperties),
        ];
        Assert.Empty(all.SelectMany(names => names).Except(used));

        static string[] Of(string type, string[] properties) => [.. properties.Select(property => $"{type}.{property}")];
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

    private static void AssertProperties(JsonElement schema, string[] properties, params string[] required)
    {
        Assert.Equal(properties.Order(), Names(schema.GetProperty("properties")).Order());
        Assert.Equal(required, schema.TryGetProperty("required", out JsonElement names) ? names.EnumerateArray().Select(name => name.GetString()!) : []);
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

    private static JsonElement Def(string name) => ConfigurationCorpus.Schema.GetProperty("$defs").GetProperty(name);

    private static IEnumerable<string> Names(JsonElement properties) => properties.EnumerateObject().Select(property => property.Name);

    private static IEnumerable<string> Words(JsonElement schema) => schema.GetProperty("enum").EnumerateArray().Select(word => word.GetString()!);
}
