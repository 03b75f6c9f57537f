using Ark.Core.Registries;

namespace Ark.Core.Map;

/// <summary>Reads a <c>source</c>: where a registry's tokens come from.</summary>
internal static class MapSource
{
    private static readonly string[] Properties =
        ["type", "profile", "accountId", "region", "endpoint", "roleArn", "externalId", "scope"];

    public static SourceEntry? Read(ref MapReader json)
    {
        long start = json.Offset;
        if (!json.IsObject("source"))
        {
            return null;
        }

        // Other types have other properties, and an error for each of those would hide the one that matters.
        if (json.Peek("type") is { Text: "helper" or "command" or "static" or "oauth" } type)
        {
            RefuseType(json.Errors, type);
            json.Skip();
            return null;
        }

        SourceEntry source = new() { IsPublic = false };
        uint seen = 0;
        while (json.NextProperty(Properties, ref seen) is { } property)
        {
            source = property switch
            {
                "type" => source with { IsPublic = IsPublic(ref json) },
                "profile" => source with { Profile = MapRules.Profile(ref json)?.Text },
                "accountId" => source with { AccountId = MapRules.AccountId(ref json) },
                "region" => source with { Region = MapRules.Region(ref json) },
                "endpoint" => source with { Endpoint = MapRules.Endpoint(ref json) },
                _ => Later(ref json, property, source),
            };
        }

        json.Require(Properties, seen, start, "a source", "type");
        return source;
    }

    private static bool IsPublic(ref MapReader json)
    {
        if (json.String("type") is not { } type)
        {
            return false;
        }

        if (type.Text is not ("ecr" or "ecr-public"))
        {
            RefuseType(json.Errors, type);
        }

        return type.Text == "ecr-public";
    }

    private static void RefuseType(MapErrors errors, Located type) =>
        errors.Add(type, $"type {Printable.Quote(type.Text)} is not supported by this version: \"ecr\" and \"ecr-public\" are");

    /// <summary>What would change the identity or its rights may not be read over: it is an error until it has its effect.</summary>
    private static SourceEntry Later(ref MapReader json, string property, SourceEntry source)
    {
        Located? written = json.OptionalString(property);
        if (written is { } value && (property, value.Text) is not ("scope", "none"))
        {
            json.Errors.Add(value, $"{property} {Printable.Quote(value.Text)} is not supported by this version yet");
        }

        return source;
    }
}
