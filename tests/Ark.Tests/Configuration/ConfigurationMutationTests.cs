using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ark.Core.Configuration;
using Xunit;

namespace Ark.Tests.Configuration;

/// <summary>Every good configuration of the corpus, damaged in every systematic way: read as a whole or refused with a place, never in part.</summary>
public sealed class ConfigurationMutationTests
{
    private static readonly JsonSchema TheSchema = new(ConfigurationCorpus.Schema);

    private static readonly string[] Replacements = ["null", "17", "\"\"", "\"word\"", "{}", "[]", "[null]", "{\"x\":1}", "true"];

    public static TheoryData<string> Good => [.. ConfigurationCorpus.Good];

    [Theory]
    [MemberData(nameof(Good))]
    public void Another_value_in_any_place_is_refused_or_the_whole_map_is_read(string name)
    {
        JsonNode configuration = JsonNode.Parse(ConfigurationCorpus.Read("good", name), documentOptions: ConfigurationCorpus.Relaxed)!;
        for (int place = 0; place < Places(configuration).Count; place++)
        {
            foreach (string replacement in Replacements)
            {
                JsonNode mutant = configuration.DeepClone();
                Replace(Places(mutant)[place], replacement);

                AssertWholeOrRefused(mutant.ToJsonString());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void A_map_that_ends_too_early_is_refused_at_every_length(string name)
    {
        byte[] text = ConfigurationCorpus.Read("good", name);
        int end = Array.LastIndexOf(text, (byte)'}');
        for (int length = 0; length <= end; length++)
        {
            var invalid = Assert.IsType<ConfigurationOutcome.Invalid>(ConfigurationFile.Parse(text.AsSpan(0, length), name));
            Assert.All(invalid.Errors, error => Assert.True(error.Line > 0 && error.Column > 0));
        }
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void A_property_that_stands_twice_is_refused_in_every_object(string name)
    {
        string text = Encoding.UTF8.GetString(ConfigurationCorpus.Read("good", name));
        JsonNode configuration = JsonNode.Parse(text, documentOptions: ConfigurationCorpus.Relaxed)!;
        foreach (JsonNode place in Places(configuration).Where(place => place.Parent is JsonObject && !place.GetPath().Contains("Policy", StringComparison.Ordinal)))
        {
            string property = $"\"{place.GetPropertyName()}\":{place.ToJsonString()}";
            string once = configuration.ToJsonString();
            string twice = once.Replace(property, $"{property},{property}", StringComparison.Ordinal);

            var invalid = Assert.IsType<ConfigurationOutcome.Invalid>(ConfigurationFile.Parse(Encoding.UTF8.GetBytes(twice), name));
            Assert.Contains(invalid.Errors, error => error.Message == $"duplicate property \"{place.GetPropertyName()}\"");
        }
    }

    private static void AssertWholeOrRefused(string text)
    {
        using var document = JsonDocument.Parse(text);
        switch (ConfigurationFile.Parse(Encoding.UTF8.GetBytes(text), "m"))
        {
            case ConfigurationOutcome.Invalid invalid:
                Assert.NotEmpty(invalid.Errors);
                Assert.All(invalid.Errors, error => Assert.Contains(error.Value, error.Message, StringComparison.Ordinal));
                break;
            case ConfigurationOutcome.Loaded(var configuration, _):
                Assert.True(TheSchema.Allows(document.RootElement), $"the schema refuses what is read: {text}");
                Assert.Equal(HostsOf(document.RootElement), configuration.Organizations.SelectMany(organization => organization.Registries).Sum(registry => registry.Hosts.Count));
                break;
        }
    }

    private static int HostsOf(JsonElement configuration) =>
        configuration.TryGetProperty("organizations", out JsonElement organizations)
            ? organizations.EnumerateArray().Sum(organization =>
                organization.GetProperty("registries").EnumerateArray().Sum(registry => registry.GetProperty("hosts").GetArrayLength()))
            : 0;

    /// <summary>Every value below the root that is not null, parents before children.</summary>
    private static List<JsonNode> Places(JsonNode node) => node switch
    {
        JsonObject configuration => [.. configuration.SelectMany(property => Below(property.Value))],
        JsonArray list => [.. list.SelectMany(Below)],
        _ => [],
    };

    private static IEnumerable<JsonNode> Below(JsonNode? node) => node is null ? [] : [node, .. Places(node)];

    private static void Replace(JsonNode place, string replacement)
    {
        if (place.Parent is JsonObject configuration)
        {
            configuration[place.GetPropertyName()] = JsonNode.Parse(replacement);
        }
        else
        {
            place.Parent!.AsArray()[place.GetElementIndex()] = JsonNode.Parse(replacement);
        }
    }
}
