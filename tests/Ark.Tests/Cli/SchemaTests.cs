using System.Text.Json;
using Ark.Cli.Commands;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class SchemaTests
{
    private readonly JsonElement _schema = JsonElement.Parse(ConfigurationDraft.Schema());

    [Fact]
    public void Every_object_with_properties_is_closed()
    {
        Assert.All(
            Objects(_schema).Where(node => node.TryGetProperty("properties", out _) && !node.TryGetProperty("oneOf", out _)),
            node => Assert.False(node.GetProperty("additionalProperties").GetBoolean()));
    }

    [Fact]
    public void Every_property_says_what_it_is()
    {
        foreach (var properties in Objects(_schema)
            .Where(node => node.TryGetProperty("properties", out _))
            .Select(node => node.GetProperty("properties")))
        {
            foreach (var property in properties.EnumerateObject())
            {
                var described =
                    property.Value.TryGetProperty("$ref", out var reference) ? Referenced(reference.GetString()!) : property.Value;
                Assert.True(
                    property.Value.TryGetProperty("description", out _) || described.TryGetProperty("description", out _), property.Name);
            }
        }
    }

    [Fact]
    public void Every_reference_leads_somewhere() =>
        Assert.All(
            Objects(_schema).Where(node => node.TryGetProperty("$ref", out _)), node => Referenced(node.GetProperty("$ref").GetString()!));

    [Fact]
    public void Every_kind_of_source_has_its_own_rules()
    {
        var source = _schema.GetProperty("$defs").GetProperty("registry").GetProperty("properties").GetProperty("source");
        var kinds = source.GetProperty("properties").GetProperty("type").GetProperty("enum").EnumerateArray()
            .Select(kind => kind.GetString());
        var ruled = source.GetProperty("oneOf").EnumerateArray()
            .Select(rule => Referenced(rule.GetProperty("$ref").GetString()!).GetProperty("properties"))
            .Select(properties => properties.GetProperty("type").GetProperty("const").GetString());
        Assert.Equal(kinds, ruled);
    }

    private static IEnumerable<JsonElement> Objects(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.Object => [node, .. node.EnumerateObject().SelectMany(member => Objects(member.Value))],
        JsonValueKind.Array => node.EnumerateArray().SelectMany(Objects),
        _ => [],
    };

    private JsonElement Referenced(string reference)
    {
        Assert.StartsWith("#/$defs/", reference, StringComparison.Ordinal);
        return _schema.GetProperty("$defs").GetProperty(reference["#/$defs/".Length..]);
    }
}
