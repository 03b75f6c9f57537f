using System.Globalization;
using System.Text;
using Ark.Core.Configuration;

namespace Ark.Tests.Configuration;

/// <summary>Writes the page <c>configuration-reference.md</c> from the table of the configuration's properties.</summary>
internal static class ReferencePageWriter
{
    public static string Write(string command)
    {
        var page = new StringBuilder();
        _ = page.Append(
            CultureInfo.InvariantCulture,
            $"""
            <!-- Written from src/Ark.Core/Configuration/ConfigurationTable.cs by: {command} -->
            # Configuration reference

            Every property of the configuration. [The configuration](configuration.md) shows how to use them. `ark org validate`
            checks a file and names the place of every mistake; an unknown or duplicate property is one. Durations are ISO 8601 with
            days, hours, minutes and seconds, such as `PT5M` or `P1DT12H`.

            """);
        foreach (ObjectType type in ConfigurationTable.Objects)
        {
            Write(page, type);
        }

        return page.ToString();
    }

    private static void Write(StringBuilder page, ObjectType type)
    {
        _ = page.Append(CultureInfo.InvariantCulture, $"\n## {Heading(type)}\n\n{Plain(type.Words)}\n");
        if (type.Alternatives.Count > 0)
        {
            _ = page.Append("\nIt is written in one of these ways:\n\n");
            foreach ((string words, string[] names) in type.Alternatives)
            {
                _ = page.Append(CultureInfo.InvariantCulture, $"* {string.Join(" and ", names.Select(Code))}: {Plain(words)}\n");
            }
        }

        _ = page.Append("\n| property | value | default | meaning |\n| --- | --- | --- | --- |\n");
        foreach (Property property in type.Properties)
        {
            string normally = property.Required ? "required" : property.Default is { } written ? Code(written) : "";
            string row = $"| {Code(property.Name)} | {Value(property)} | {normally} | {Meaning(property)} |\n";
            _ = page.Append(row);
        }
    }

    private static string Heading(ObjectType type) =>
        type == ConfigurationTable.Root ? "Top level"
        : ConfigurationTable.Source.Variants.Contains(type) ? $"Source: {type.Name}"
        : type.Name;

    private static string Link(ObjectType type) =>
        $"[{type.Name}](#{Heading(type).Replace(":", "", StringComparison.Ordinal).Replace(' ', '-').ToLowerInvariant()})";

    private static string Value(Property property) => Value(property.Type) + (property.OrNull ? ", or `null`" : "");

    private static string Value(PropertyType type) => type switch
    {
        TextType { Must: "" } => "a string",
        TextType text => Plain(text.Must),
        ChoiceType choice => string.Join(", ", choice.Values.Select(Code)),
        FlagType => "`true`, `false`",
        NumberType number => string.Create(CultureInfo.InvariantCulture, $"a number from {number.Least} to {number.Most}"),
        ListType { Item: ObjectType item } => $"a list of {Link(item)}",
        ListType { Most: < int.MaxValue } list => $"a list of {list.Least} to {list.Most} strings",
        ListType list => $"a list of {(list.Least > 0 ? $"at least {list.Least}: " : "")}{Value(list.Item)}",
        MapType { Most: < int.MaxValue } map => $"an object of at most {map.Most} strings",
        MapType => "an object of strings",
        JsonType json => $"an object of at most {json.MaxLength} characters",
        ObjectType named => Link(named),
        VariantType variants => string.Join(", ", variants.Variants.Select(Link)),
        _ => throw new NotSupportedException($"{type}"),
    };

    private static string Meaning(Property property)
    {
        string example = property.Example is { } shown ? $" Example: {Code(shown)}." : "";
        string old = property.OldName is { } name ? $" Its old name {Code(name)} is still read." : "";
        return Plain(property.Words) + old + example;
    }

    private static string Code(string text) => $"`{text.Replace("|", "\\|", StringComparison.Ordinal)}`";

    private static string Plain(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("|", "\\|", StringComparison.Ordinal)
        .Replace("*", "\\*", StringComparison.Ordinal)
        .Replace("_", "\\_", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal);
}
