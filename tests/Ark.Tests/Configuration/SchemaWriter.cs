using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ark.Core.Configuration;

namespace Ark.Tests.Configuration;

/// <summary>Writes <c>ark.schema.json</c>, by which editors complete and check the configuration, from the table.</summary>
internal static class SchemaWriter
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write()
    {
        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "The configuration of ark",
        };
        Add(schema, OfObject(ConfigurationTable.Root));
        schema["$defs"] = new JsonObject(ConfigurationTable.Objects
            .Where(type => type != ConfigurationTable.Root)
            .Select(type => KeyValuePair.Create(type.Name, (JsonNode?)OfObject(type))));
        return schema.ToJsonString(Readable) + "\n";
    }

    private static JsonObject OfObject(ObjectType type)
    {
        JsonObject schema = new() { ["description"] = type.Words };
        if (type.Alternatives.Count > 0)
        {
            schema["oneOf"] = List(type.Alternatives.Select(alternative => OfObject(new ObjectType(
                type.Name,
                type.Title,
                alternative.Words,
                [.. alternative.Names.Select(name => type.Find(name) with { Required = true })]))));
            return schema;
        }

        JsonObject properties = [];
        List<string> required = [];
        foreach (Property property in type.Properties)
        {
            properties[property.Name] = OfProperty(property);
            if (property.OldName is { } old)
            {
                JsonObject again = OfProperty(property with { Words = $"The old name of {property.Name}.", Example = null });
                again["deprecated"] = true;
                properties[old] = again;
                schema["not"] = new JsonObject { ["required"] = List([property.Name, old]) };
            }

            if (property.Required)
            {
                required.Add(property.Name);
            }
        }

        schema["type"] = "object";
        schema["properties"] = properties;
        schema["additionalProperties"] = false;
        if (required.Count > 0)
        {
            schema["required"] = List(required);
        }

        if (type.Needs is var (name, other))
        {
            schema["dependentRequired"] = new JsonObject { [name] = List([other]) };
        }

        return schema;
    }

    private static JsonObject OfProperty(Property property)
    {
        string must = property.Type is TextType { Must: { Length: > 0 } rule } ? $" Must be {rule}." : "";
        JsonObject schema = new() { ["description"] = property.Words + must };
        Add(schema, OfType(property.Type));
        if (property.OrNull && schema["enum"] is JsonArray words)
        {
            words.Add(null);
        }
        else if (property.OrNull)
        {
            schema["type"] = List([(string)schema["type"]!, "null"]);
        }

        if (property.Default is { } normally)
        {
            schema["default"] = Literal(property, normally);
        }

        if (property.Example is { } example)
        {
            schema["examples"] = List([Literal(property, example)]);
        }

        return schema;
    }

    private static JsonNode? Literal(Property property, string written) =>
        property.Type is TextType or ChoiceType ? JsonValue.Create(written) : JsonNode.Parse(written);

    private static JsonObject OfType(PropertyType type) => type switch
    {
        TextType text => OfText(text),
        ChoiceType { Values: [var only] } => new() { ["const"] = only },
        ChoiceType choice => new() { ["enum"] = List(choice.Values) },
        FlagType => new() { ["type"] = "boolean" },
        NumberType number => new() { ["type"] = "number", ["minimum"] = number.Least, ["maximum"] = number.Most },
        ListType list => OfList(list),
        MapType map => OfMap(map),
        JsonType => new() { ["type"] = "object" },
        ObjectType named => new() { ["$ref"] = $"#/$defs/{named.Name}" },
        VariantType variants => OfVariants(variants),
        _ => throw new NotSupportedException($"{type}"),
    };

    private static JsonObject OfText(TextType text)
    {
        JsonObject schema = new() { ["type"] = "string" };
        if (text.Pattern is { } pattern)
        {
            schema["pattern"] = pattern;
        }

        if (text.MaxLength is { } most)
        {
            schema["maxLength"] = most;
        }

        if (text.NotPattern is { } never)
        {
            schema["not"] = new JsonObject { ["type"] = "string", ["pattern"] = never };
        }

        return schema;
    }

    private static JsonObject OfList(ListType list)
    {
        JsonObject schema = new() { ["type"] = "array" };
        if (list.First is { } first)
        {
            schema["prefixItems"] = List([OfType(first)]);
        }

        schema["items"] = OfType(list.Item);
        if (list.Least > 0)
        {
            schema["minItems"] = list.Least;
        }

        if (list.Most < int.MaxValue)
        {
            schema["maxItems"] = list.Most;
        }

        return schema;
    }

    private static JsonObject OfMap(MapType map)
    {
        JsonObject schema = new()
        {
            ["type"] = "object",
            ["propertyNames"] = OfText(map.Name),
            ["additionalProperties"] = OfText(map.Value),
        };
        if (map.Most < int.MaxValue)
        {
            schema["maxProperties"] = map.Most;
        }

        return schema;
    }

    private static JsonObject OfVariants(VariantType variants) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject
            {
                ["description"] = "The kind of source.",
                ["enum"] = List(variants.Variants.Select(variant => variant.Name)),
            },
        },
        ["required"] = List(["type"]),
        ["oneOf"] = List(variants.Variants.Select(OfType)),
    };

    private static void Add(JsonObject schema, JsonObject more)
    {
        foreach ((string keyword, JsonNode? value) in more)
        {
            schema[keyword] = value?.DeepClone();
        }
    }

    private static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode?)JsonValue.Create(text))];

    private static JsonArray List(IEnumerable<JsonNode?> nodes) => [.. nodes];
}
