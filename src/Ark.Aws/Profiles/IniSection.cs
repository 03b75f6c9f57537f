namespace Ark.Aws.Profiles;

/// <summary>One section: its properties, and the properties nested below one of them. Names of properties are lower case.</summary>
internal sealed class IniSection(string name)
{
    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _nested = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>Properties in the order of their names, so that two spellings of one section read alike.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    public IReadOnlyDictionary<string, SortedDictionary<string, string>> Nested => _nested;

    /// <summary>The value, or null when it is absent or empty: AWS treats the two alike.</summary>
    public string? this[string key] => _values.TryGetValue(key, out string? value) && value.Length > 0 ? value : null;

    public string? NestedValue(string parent, string key) =>
        _nested.TryGetValue(parent, out SortedDictionary<string, string>? group) && group.TryGetValue(key, out string? value) && value.Length > 0
            ? value
            : null;

    public void Set(string key, string value) => _values[key] = value;

    public void Append(string key, string line) => _values[key] += "\n" + line;

    public void SetNested(string parent, string key, string value)
    {
        if (!_nested.TryGetValue(parent, out SortedDictionary<string, string>? group))
        {
            _nested[parent] = group = new SortedDictionary<string, string>(StringComparer.Ordinal);
        }

        group[key] = value;
    }

    /// <summary>Takes over what <paramref name="other"/> says; where both speak, the other wins.</summary>
    public void Overlay(IniSection other)
    {
        foreach ((string key, string value) in other._values)
        {
            _values[key] = value;
        }

        foreach ((string parent, SortedDictionary<string, string> group) in other._nested)
        {
            foreach ((string key, string value) in group)
            {
                SetNested(parent, key, value);
            }
        }
    }

    /// <summary>Only the name: values may be keys.</summary>
    public override string ToString() => $"[{name}]";
}
