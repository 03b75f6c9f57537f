using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>Reads a <c>source</c>: where a registry's credentials come from. Each type has properties of its own.</summary>
internal static class SourceSyntax
{
    internal static readonly string[] Types = ["ecr", "ecr-public", "helper", "command", "static", "oauth"];

    internal static readonly string[] EcrProperties =
        ["type", "profile", "accountId", "region", "endpoint", "roleArn", "externalId", "sessionName", "scope", "keys", "fips", "dualStack"];

    internal static readonly string[] EcrPublicProperties = ["type", "profile", "endpoint", "roleArn", "externalId", "sessionName", "keys", "dualStack"];

    public static SourceEntry? Read(ref ConfigurationReader json)
    {
        long start = json.Offset;
        if (!json.IsObject("source"))
        {
            return null;
        }

        // Looked up first: which properties may stand here depends on it, and it may stand last.
        switch (json.Peek("type"))
        {
            case { Text: "ecr" }:
                return Ecr(ref json, EcrProperties, isPublic: false);
            case { Text: "ecr-public" }:
                return Ecr(ref json, EcrPublicProperties, isPublic: true);
            case { Text: "helper" or "command" or "static" or "oauth" } type:
                return OtherSources.Read(ref json, type.Text, start) is { } source ? new SourceEntry.Fixed(source) : null;
            case { } type:
                json.Errors.Add(type, $"type {TextSanitizer.Quote(type.Text)} is none of {string.Join(", ", Types)}{NearestName.Suggest(type.Text, Types)}");
                break;
            default:
                json.Errors.Add(start, "", "a source needs \"type\"");
                break;
        }

        json.Skip();
        return null;
    }

    private static SourceEntry.Ecr Ecr(ref ConfigurationReader json, string[] properties, bool isPublic)
    {
        var source = new SourceEntry.Ecr { IsPublic = isPublic };
        Located? keys = null;
        bool roleRefused = false;
        uint seen = 0;
        while (json.NextProperty(properties, ref seen) is { } property)
        {
            switch (property)
            {
                case "profile":
                    source = source with { Profile = ConfigurationRules.Profile(ref json) };
                    break;
                case "accountId":
                    source = source with { AccountId = ConfigurationRules.AccountId(ref json) };
                    break;
                case "region":
                    source = source with { Region = ConfigurationRules.Region(ref json) };
                    break;
                case "endpoint":
                    source = source with { Endpoint = ConfigurationRules.Endpoint(ref json) };
                    break;
                case "roleArn":
                    bool noRole = json.IsNull;
                    source = source with { RoleArn = ConfigurationRules.RoleArn(ref json) };
                    roleRefused = source.RoleArn is null && !noRole;
                    break;
                case "externalId":
                    source = source with { ExternalId = ConfigurationRules.ExternalId(ref json) };
                    break;
                case "sessionName":
                    source = source with { SessionName = ConfigurationRules.SessionName(ref json) };
                    break;
                case "scope":
                    source = source with { Scope = ConfigurationRules.Scope(ref json) };
                    break;
                case "keys":
                    keys = new Located("keys", json.Offset);
                    source = source with { Keys = SecretSyntax.Read(ref json, "keys") };
                    break;
                case "fips":
                    source = source with { Fips = json.Boolean(property) ?? false };
                    break;
                case "dualStack":
                    source = source with { DualStack = json.Boolean(property) ?? false };
                    break;
                default:
                    _ = json.String("type");
                    break;
            }
        }

        if (keys is { } written && source.Profile is { })
        {
            json.Errors.Add(written, "\"keys\" and \"profile\" stand side by side: one of them asks");
        }

        foreach (Located? needy in (ReadOnlySpan<Located?>)[source.ExternalId, source.SessionName, source.Scope])
        {
            if (needy is { } value && source.RoleArn is null && !roleRefused)
            {
                json.Errors.Add(value, $"{TextSanitizer.Quote(value.Text)} is for a session of a role, and \"roleArn\" names none");
            }
        }

        return source;
    }
}
