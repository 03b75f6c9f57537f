using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>One row of the table: a property of one of the configuration's objects.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">What its value must be.</param>
/// <param name="Words">What it is for: a sentence or two for the schema and the reference page.</param>
/// <param name="Required">Whether it must be there.</param>
/// <param name="OrNull">Whether <c>null</c> is the same as omitting it.</param>
/// <param name="Default">What counts where it is omitted, as it would be written but without quotes; null for nothing.</param>
/// <param name="OldName">Its name in earlier versions, which is still read; null for none.</param>
/// <param name="Example">A value to show: a text without quotes, everything else as JSON; null for none.</param>
internal sealed record Property(
    string Name,
    PropertyType Type,
    string Words,
    bool Required = false,
    bool OrNull = false,
    string? Default = null,
    string? OldName = null,
    string? Example = null)
{
    /// <summary>The name as it stands in the file.</summary>
    public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(Name);

    public byte[]? Utf8OldName { get; } = OldName is null ? null : Encoding.UTF8.GetBytes(OldName);
}

/// <summary>What a value must be.</summary>
internal abstract record PropertyType
{
    /// <summary>Adds an error for each mistake in a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="what">What messages call it, such as the name of its property.</param>
    /// <param name="errors">Where mistakes go.</param>
    public abstract void Check(JsonElement value, string what, ConfigurationErrors errors);

    protected static bool Is(JsonValueKind kind, string kindName, JsonElement value, string what, ConfigurationErrors errors)
    {
        if (value.ValueKind == kind)
        {
            return true;
        }

        errors.Add(value, $"{what} must be {kindName}, not {ConfigurationErrors.Show(value)}");
        return false;
    }
}

/// <summary>One of a few words.</summary>
internal sealed record ChoiceType(params string[] Values) : PropertyType
{
    public override void Check(JsonElement value, string what, ConfigurationErrors errors)
    {
        if (Is(JsonValueKind.String, "a string", value, what, errors) && !Array.Exists(Values, value.ValueEquals))
        {
            string near = NearNames.Suggest(value.GetString()!, Values);
            errors.Add(value, $"invalid {what} {ConfigurationErrors.Show(value)}: must be {Listed}{near}");
        }
    }

    private string Listed => Values is [.. { Length: > 0 } others, var last] ? $"{string.Join(", ", others)} or {last}" : Values[0];
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed record FlagType : PropertyType
{
    public override void Check(JsonElement value, string what, ConfigurationErrors errors)
    {
        if (value.ValueKind != JsonValueKind.False)
        {
            _ = Is(JsonValueKind.True, "true or false", value, what, errors);
        }
    }
}

/// <summary>A number within bounds.</summary>
internal sealed record NumberType(double Least, double Most) : PropertyType
{
    public override void Check(JsonElement value, string what, ConfigurationErrors errors)
    {
        if (Is(JsonValueKind.Number, "a number", value, what, errors)
            && !(value.TryGetDouble(out double number) && number >= Least && number <= Most))
        {
            string shown = ConfigurationErrors.Show(value);
            errors.Add(value, FormattableString.Invariant($"invalid {what} {shown}: must be from {Least} to {Most}"));
        }
    }
}

/// <summary>A list of values of one type.</summary>
/// <param name="ItemName">What messages call one of them.</param>
/// <param name="Item">The type of each.</param>
/// <param name="Least">How many there must be.</param>
/// <param name="Most">How many there may be.</param>
internal sealed record ListType(string ItemName, PropertyType Item, int Least = 0, int Most = int.MaxValue) : PropertyType
{
    /// <summary>The type of the first, where it differs.</summary>
    public PropertyType? First { get; init; }

    public override void Check(JsonElement value, string what, ConfigurationErrors errors)
    {
        if (!Is(JsonValueKind.Array, "an array", value, what, errors))
        {
            return;
        }

        int count = value.GetArrayLength();
        if (count < Least || count > Most)
        {
            string bounds = Most < int.MaxValue ? $"{Least} to {Most} entries" : "at least one entry";
            errors.Add(value, "", $"{what} must have {bounds}, not {count}");
        }

        PropertyType type = First ?? Item;
        foreach (JsonElement item in value.EnumerateArray())
        {
            type.Check(item, ItemName, errors);
            type = Item;
        }
    }
}

/// <summary>An object whose names the user chooses, each with a string.</summary>
/// <param name="EntryName">What messages call one of its properties.</param>
/// <param name="Name">The rule of the names.</param>
/// <param name="Value">The rule of the strings.</param>
/// <param name="Most">How many there may be.</param>
internal sealed record MapType(string EntryName, TextType Name, TextType Value, int Most = int.MaxValue) : PropertyType
{
    public override void Check(JsonElement value, string what, ConfigurationErrors errors)
    {
        if (!Is(JsonValueKind.Object, "an object", value, what, errors))
        {
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty entry in value.EnumerateObject())
        {
            if (!seen.Add(entry.Name))
            {
                errors.Add(entry, $"duplicate property {TextSanitizer.Quote(entry.Name)}");
            }
            else if (Name.Fault(entry.Name) is { } fault)
            {
                errors.Add(entry, $"invalid {EntryName} {TextSanitizer.Quote(entry.Name)}: {fault}");
            }
            else
            {
                Value.Check(entry.Value, EntryName, errors);
            }
        }

        if (seen.Count > Most)
        {
            errors.Add(value, "", $"{what} must have at most {Most} entries, not {seen.Count}");
        }
    }
}

/// <summary>An object that belongs to AWS and is handed on as it is.</summary>
/// <param name="MaxLength">How many characters of JSON AWS takes.</param>
internal sealed record JsonType(int MaxLength) : PropertyType
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Check(JsonElement value, string what, ConfigurationErrors errors)
    {
        if (Is(JsonValueKind.Object, "an object", value, what, errors) && TextOf(value).Length is var length && length > MaxLength)
        {
            errors.Add(value, "", $"{what} must be at most {MaxLength} characters of JSON, not {length}");
        }
    }

    /// <summary>The object as plain JSON, without the comments and trailing commas that the file may have.</summary>
    public static string TextOf(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>An object with properties of its own.</summary>
/// <param name="Name">Its name in the schema and on the page.</param>
/// <param name="Title">What messages call it, with an article.</param>
/// <param name="Words">What it is.</param>
/// <param name="Properties">Its rows.</param>
internal sealed record ObjectType(string Name, string Title, string Words, params Property[] Properties) : PropertyType
{
    /// <summary>Which properties may stand together, where not all of them may; each with words of its own.</summary>
    public IReadOnlyList<(string Words, string[] Names)> Alternatives { get; init; } = [];

    /// <summary>A property that needs another one; null for none.</summary>
    public (string Name, string Other)? Needs { get; init; }

    /// <summary>A rule for several of its properties, each of which is valid by itself.</summary>
    public Action<Entry, ConfigurationErrors>? Rule { get; init; }

    /// <summary>The row of a property that there must be.</summary>
    public Property Find(string name)
    {
        foreach (Property property in Properties)
        {
            if (property.Name == name)
            {
                return property;
            }
        }

        throw new ArgumentException(name);
    }

    /// <summary>The row of a property of the file; -1 for none.</summary>
    private int RowOf(JsonProperty written, out bool isOld)
    {
        // Every name of a file of ten thousand organizations comes by here.
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8PropertyName(written);
        ReadOnlySpan<byte> name = raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(written.Name) : raw;
        for (int row = 0; row < Properties.Length; row++)
        {
            isOld = Properties[row].Utf8OldName is { } old && name.SequenceEqual(old);
            if (isOld || name.SequenceEqual(Properties[row].Utf8Name))
            {
                return row;
            }
        }

        isOld = false;
        return -1;
    }

    public override void Check(JsonElement value, string what, ConfigurationErrors errors)
    {
        if (!Is(JsonValueKind.Object, "an object", value, what, errors))
        {
            return;
        }

        int before = errors.Count;
        uint seen = 0;
        uint seenOld = 0;
        foreach (JsonProperty written in value.EnumerateObject())
        {
            Check(written, ref seen, ref seenOld, errors);
        }

        CheckPresence(value, what, seen | seenOld, errors);
        if (errors.Count == before)
        {
            Rule?.Invoke(new Entry(value, this), errors);
        }
    }

    /// <param name="written">The property as it is written.</param>
    /// <param name="seen">One bit for each row whose property was there already.</param>
    /// <param name="seenOld">The same for the old names.</param>
    /// <param name="errors">Where mistakes go.</param>
    private void Check(JsonProperty written, ref uint seen, ref uint seenOld, ConfigurationErrors errors)
    {
        int row = RowOf(written, out bool isOld);
        if (row < 0)
        {
            string near = NearNames.Suggest(written.Name, Properties.Select(property => property.Name));
            errors.Add(written, $"unknown property {TextSanitizer.Quote(written.Name)}{near}");
            return;
        }

        Property property = Properties[row];
        ref uint same = ref isOld ? ref seenOld : ref seen;
        uint bit = 1u << row;
        if ((same & bit) != 0)
        {
            errors.Add(written, $"duplicate property \"{written.Name}\"");
        }
        else if (((seen | seenOld) & bit) != 0)
        {
            errors.Add(written, $"specify \"{property.Name}\" or \"{property.OldName}\", which is its old name, not both");
        }
        else
        {
            same |= bit;
            if (!(property.OrNull && written.Value.ValueKind == JsonValueKind.Null))
            {
                property.Type.Check(written.Value, isOld ? property.OldName! : property.Name, errors);
            }
        }
    }

    private void CheckPresence(JsonElement value, string what, uint seen, ConfigurationErrors errors)
    {
        for (int row = 0; row < Properties.Length; row++)
        {
            if (Properties[row].Required && (seen & (1u << row)) == 0)
            {
                errors.Add(value, "", $"{Title} needs \"{Properties[row].Name}\"");
            }
        }

        if (Needs is { } needs && value.TryGetProperty(needs.Name, out JsonElement needy) && !value.TryGetProperty(needs.Other, out _))
        {
            errors.Add(needy, "", $"{needs.Name} needs \"{needs.Other}\"");
        }

        if (Alternatives.Count > 0 && !Alternatives.Any(alternative => MaskOf(alternative.Names) == seen))
        {
            var allowed = Alternatives.Select(alternative => $"\"{string.Join("\" with \"", alternative.Names)}\"");
            errors.Add(value, "", $"{what} must have {string.Join(", or ", allowed)}, and nothing else");
        }
    }

    private uint MaskOf(string[] names) => names.Aggregate(0u, (mask, name) => mask | (1u << Array.IndexOf(Properties, Find(name))));
}

/// <summary>An object whose property <c>type</c> says which of several it is.</summary>
/// <param name="Title">What messages call it, with an article.</param>
/// <param name="Variants">The objects, whose names are the values of <c>type</c>.</param>
internal sealed record VariantType(string Title, params ObjectType[] Variants) : PropertyType
{
    public override void Check(JsonElement value, string what, ConfigurationErrors errors)
    {
        if (!Is(JsonValueKind.Object, "an object", value, what, errors))
        {
            return;
        }

        if (VariantOf(value) is { } variant)
        {
            variant.Check(value, what, errors);
        }
        else if (value.TryGetProperty("type"u8, out JsonElement type))
        {
            new ChoiceType([.. Variants.Select(each => each.Name)]).Check(type, "type", errors);
        }
        else
        {
            errors.Add(value, "", $"{Title} needs \"type\"");
        }
    }

    public ObjectType? VariantOf(JsonElement value) =>
        value.TryGetProperty("type"u8, out JsonElement type) && type.ValueKind == JsonValueKind.String
            ? Array.Find(Variants, variant => type.ValueEquals(variant.Name))
            : null;
}

/// <summary>An object of the file in which there is no mistake, read by the names of its rows.</summary>
internal readonly struct Entry(JsonElement json, ObjectType type)
{
    public ObjectType Type => type;

    /// <summary>The value; null where it is omitted or <c>null</c>.</summary>
    public JsonElement? this[string name] => Of(type.Find(name));

    /// <summary>The string or its default; null where there is neither.</summary>
    public string? Text(string name) => type.Find(name) is var row && Of(row) is { } value ? value.GetString() : row.Default;

    /// <summary>The duration or its default; null where there is neither.</summary>
    public TimeSpan? Duration(string name) => Text(name) is { } text ? IsoDuration.Parse(text) : null;

    /// <summary>Whether it is <c>true</c>.</summary>
    public bool Flag(string name) => this[name] is { ValueKind: JsonValueKind.True };

    public ValueList<string> Texts(string name) =>
        new(this[name] is { } list ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : []);

    public IEnumerable<KeyValuePair<string, string>> Map(string name) =>
        this[name] is { } map ? map.EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.GetString()!)) : [];

    public Entry? Object(string name) => this[name] is not { } value ? null : type.Find(name).Type switch
    {
        VariantType variants => new Entry(value, variants.VariantOf(value)!),
        var other => new Entry(value, (ObjectType)other),
    };

    public IEnumerable<Entry> Objects(string name)
    {
        var item = (ObjectType)((ListType)type.Find(name).Type).Item;
        return this[name] is { } list ? list.EnumerateArray().Select(each => new Entry(each, item)) : [];
    }

    private JsonElement? Of(Property row) =>
        (json.TryGetProperty(row.Utf8Name, out JsonElement value) || (row.Utf8OldName is { } old && json.TryGetProperty(old, out value)))
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;
}
