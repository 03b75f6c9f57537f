using System.Buffers;
using Ark.Core.Repositories;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>Reads <c>repositoryDefaults</c>: what an organization's new repositories are like.</summary>
internal static class ConfigurationDefaults
{
    internal static readonly string[] Properties =
        ["tagMutability", "tagMutabilityExclusions", "encryption", "scanOnPush", "tags", "lifecyclePolicy", "repositoryPolicy"];

    internal static readonly string[] EncryptionProperties = ["type", "kmsKey"];

    internal static readonly string[] Mutabilities = ["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"];

    internal static readonly string[] Encryptions = ["AES256", "KMS", "KMS_DSSE"];

    // The bit of the first of Properties.
    private const uint MutabilityWritten = 1;

    private const int MaxExclusions = 5;
    private const int MaxTags = 50;
    private const int MaxTagValue = 256;
    private const int MaxLifecyclePolicy = 30_720;
    private const int MaxRepositoryPolicy = 10_240;

    private static readonly SearchValues<char> PatternCharacters =
        SearchValues.Create("*-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    public static RepositoryDefaults Read(ref ConfigurationReader json)
    {
        RepositoryDefaults defaults = RepositoryDefaults.None;
        if (!json.IsObject("repositoryDefaults"))
        {
            return defaults;
        }

        Located? mutability = null;
        var exclusions = new List<string>();
        long exclusionsStart = 0;
        uint seen = 0;
        while (json.NextProperty(Properties, ref seen) is { } property)
        {
            switch (property)
            {
                case "tagMutability":
                    mutability = OneOf(ref json, property, Mutabilities);
                    break;
                case "tagMutabilityExclusions":
                    exclusionsStart = json.Offset;
                    ReadExclusions(ref json, exclusions);
                    break;
                case "encryption":
                    defaults = defaults with { Encryption = Encryption(ref json) };
                    break;
                case "scanOnPush":
                    defaults = defaults with { ScanOnPush = json.Boolean(property) };
                    break;
                case "tags":
                    defaults = defaults with { ResourceTags = Tags(ref json) };
                    break;
                case "lifecyclePolicy":
                    defaults = defaults with { LifecyclePolicy = Policy(ref json, property, MaxLifecyclePolicy) };
                    break;
                default:
                    defaults = defaults with { RepositoryPolicy = Policy(ref json, property, MaxRepositoryPolicy) };
                    break;
            }
        }

        if (exclusions.Count > 0 && (seen & MutabilityWritten) == 0)
        {
            json.Errors.Add(exclusionsStart, "", "tagMutabilityExclusions needs \"tagMutability\"");
        }

        return defaults with { Tags = Mutability(json.Errors, mutability, exclusions) };
    }

    private static TagMutability? Mutability(ConfigurationErrors errors, Located? written, List<string> exclusions)
    {
        if (written is not { } value)
        {
            return null;
        }

        bool excludes = value.Text.EndsWith("_WITH_EXCLUSION", StringComparison.Ordinal);
        if (excludes != exclusions.Count > 0)
        {
            errors.Add(value, $"{TextSanitizer.Quote(value.Text)} {(excludes ? "needs \"tagMutabilityExclusions\"" : "goes without \"tagMutabilityExclusions\"")}");
        }

        return new TagMutability(value.Text.StartsWith("IMMUTABLE", StringComparison.Ordinal), new ValueList<string>(exclusions));
    }

    private static void ReadExclusions(ref ConfigurationReader json, List<string> exclusions)
    {
        long start = json.Offset;
        if (!json.IsArray("tagMutabilityExclusions"))
        {
            return;
        }

        while (json.NextItem())
        {
            if (json.String("an exclusion") is not { } written)
            {
                continue;
            }

            exclusions.Add(written.Text);
            if (written.Text.Length is 0 or > 128 || written.Text.AsSpan().ContainsAnyExcept(PatternCharacters))
            {
                json.Errors.Add(written, $"{TextSanitizer.Quote(written.Text)} is no pattern of tags: letters, digits and ._-*");
            }
        }

        if (exclusions.Count is 0 or > MaxExclusions)
        {
            json.Errors.Add(start, "", $"tagMutabilityExclusions has 1 to {MaxExclusions} patterns");
        }
    }

    private static RepositoryEncryption? Encryption(ref ConfigurationReader json)
    {
        long start = json.Offset;
        if (!json.IsObject("encryption"))
        {
            return null;
        }

        Located? type = null;
        Located? key = null;
        uint seen = 0;
        while (json.NextProperty(EncryptionProperties, ref seen) is { } property)
        {
            if (property == "type")
            {
                type = OneOf(ref json, property, Encryptions);
            }
            else
            {
                key = ConfigurationRules.Text(ref json, property);
            }
        }

        json.Require(EncryptionProperties, seen, start, "encryption", "type");
        if (key is { } unused && type is { Text: "AES256" })
        {
            json.Errors.Add(unused, $"{TextSanitizer.Quote(unused.Text)} is a key of KMS, and AES256 has none");
        }

        return type is not { } known
            ? null
            : new RepositoryEncryption(known.Text switch { "KMS" => EncryptionType.Kms, "KMS_DSSE" => EncryptionType.KmsDsse, _ => EncryptionType.Aes256 }, key?.Text);
    }

    private static ValueList<ResourceTag> Tags(ref ConfigurationReader json)
    {
        var tags = new List<ResourceTag>();
        long start = json.Offset;
        if (!json.IsObject("tags"))
        {
            return new ValueList<ResourceTag>(tags);
        }

        while (json.NextEntry() is { } name)
        {
            if (tags.Exists(tag => tag.Key == name.Text))
            {
                json.Errors.Add(name, $"{TextSanitizer.Quote(name.Text)} stands here twice");
                json.Skip();
            }
            else if (name.Text.Length is 0 or > 128)
            {
                json.Errors.Add(name, $"{TextSanitizer.Quote(name.Text)} is no key of a tag: 1 to 128 characters");
                json.Skip();
            }
            else if (json.String("a tag") is { } value)
            {
                if (value.Text.Length > MaxTagValue)
                {
                    json.Errors.Add(value, $"{TextSanitizer.Quote(value.Text)} is too long for a tag: {MaxTagValue} characters at most");
                }

                tags.Add(new ResourceTag(name.Text, value.Text));
            }
        }

        if (tags.Count > MaxTags)
        {
            json.Errors.Add(start, "", $"tags has more than {MaxTags}");
        }

        return new ValueList<ResourceTag>(tags);
    }

    private static string? Policy(ref ConfigurationReader json, string property, int most)
    {
        long start = json.Offset;
        string? policy = json.Json(property);
        if (policy?.Length > most)
        {
            json.Errors.Add(start, "{", $"{property} is longer than the {most} characters that AWS takes");
        }

        return policy;
    }

    private static Located? OneOf(ref ConfigurationReader json, string property, string[] values)
    {
        if (json.String(property) is not { } written)
        {
            return null;
        }

        if (!values.Contains(written.Text))
        {
            json.Errors.Add(written, $"{property} {TextSanitizer.Quote(written.Text)} is none of {string.Join(", ", values)}{NearestName.Suggest(written.Text, values)}");
        }

        return written;
    }
}
