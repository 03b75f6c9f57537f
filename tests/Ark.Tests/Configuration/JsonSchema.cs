using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ark.Tests.Configuration;

/// <summary>
/// As much of JSON Schema 2020-12 as the schema of the configuration uses. A keyword that it does not know is an exception: what is not evaluated
/// must not pass for checked.
/// </summary>
internal sealed class JsonSchema(JsonElement root)
{
    public bool Allows(JsonElement value) => Allows(root, value);

    public JsonElement Resolve(JsonElement schema) =>
        schema.TryGetProperty("$ref", out JsonElement name) ? root.GetProperty("$defs").GetProperty(name.GetString()!["#/$defs/".Length..]) : schema;

    // Every keyword is looked at though one failed already, so that an unknown one never hides behind it.
    private bool Allows(JsonElement schema, JsonElement value) =>
        schema.EnumerateObject().Select(keyword => Allows(schema, keyword.Name, keyword.Value, value)).ToList().TrueForAll(allowed => allowed);

    private bool Allows(JsonElement schema, string keyword, JsonElement rule, JsonElement value) => keyword switch
    {
        "$schema" or "$defs" or "title" or "description" or "examples" or "default" or "deprecated" => true,
        "$ref" => Allows(Resolve(schema), value),
        "type" => rule.ValueKind == JsonValueKind.Array ? rule.EnumerateArray().Any(type => Is(type, value)) : Is(rule, value),
        "const" => JsonElement.DeepEquals(rule, value),
        "enum" => rule.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value)),
        "oneOf" => rule.EnumerateArray().Count(one => Allows(one, value)) == 1,
        "anyOf" => rule.EnumerateArray().Any(one => Allows(one, value)),
        "not" => !Allows(rule, value),
        "pattern" or "minLength" or "maxLength" => value.ValueKind != JsonValueKind.String || OfText(keyword, rule, value.GetString()!),
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.GetDouble(),
        "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= rule.GetDouble(),
        "prefixItems" or "items" or "minItems" or "maxItems" => value.ValueKind != JsonValueKind.Array || OfArray(schema, keyword, rule, [.. value.EnumerateArray()]),
        "properties" or "additionalProperties" or "propertyNames" or "required" or "dependentRequired" or "maxProperties" =>
            value.ValueKind != JsonValueKind.Object || OfObject(schema, keyword, rule, value),
        _ => throw new NotSupportedException(keyword),
    };

    private static bool Is(JsonElement type, JsonElement value) => type.GetString() switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        var unknown => throw new NotSupportedException(unknown),
    };

    private static bool OfText(string keyword, JsonElement rule, string text) => keyword switch
    {
        // $ is the very end in ECMAScript; here it would let a line feed follow.
        "pattern" => Regex.IsMatch(text, rule.GetString()!.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.CultureInvariant),
        "minLength" => text.EnumerateRunes().Count() >= rule.GetInt32(),
        _ => text.EnumerateRunes().Count() <= rule.GetInt32(),
    };

    private bool OfArray(JsonElement schema, string keyword, JsonElement rule, List<JsonElement> items) => keyword switch
    {
        "prefixItems" => items.Zip(rule.EnumerateArray()).All(pair => Allows(pair.Second, pair.First)),
        "items" => items.Skip(schema.TryGetProperty("prefixItems", out JsonElement first) ? first.GetArrayLength() : 0).All(item => Allows(rule, item)),
        "minItems" => items.Count >= rule.GetInt32(),
        _ => items.Count <= rule.GetInt32(),
    };

    private bool OfObject(JsonElement schema, string keyword, JsonElement rule, JsonElement value) => keyword switch
    {
        "properties" => rule.EnumerateObject().All(known => !value.TryGetProperty(known.Name, out JsonElement held) || Allows(known.Value, held)),
        "additionalProperties" => value.EnumerateObject().All(held =>
            (schema.TryGetProperty("properties", out JsonElement known) && known.TryGetProperty(held.Name, out _))
            || (rule.ValueKind == JsonValueKind.Object ? Allows(rule, held.Value) : rule.GetBoolean())),
        "propertyNames" => value.EnumerateObject().All(held => Allows(rule, JsonSerializer.SerializeToElement(held.Name))),
        "required" => rule.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
        "dependentRequired" => rule.EnumerateObject().All(rules =>
            !value.TryGetProperty(rules.Name, out _) || rules.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _))),
        _ => value.EnumerateObject().Count() <= rule.GetInt32(),
    };
}
