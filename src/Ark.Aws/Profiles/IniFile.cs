using System.Diagnostics.CodeAnalysis;

namespace Ark.Aws.Profiles;

/// <summary>
/// The INI dialect of AWS: <c>#</c> and <c>;</c> start comments (inside a value only after a blank), an indented line continues
/// the property above it, or is a property of its own when that one is empty, and a section that appears twice is one section. A line
/// ends at LF or CR LF and at nothing else.
/// </summary>
internal static class IniFile
{
    /// <summary>Reads a whole file's text. A broken line is an error, never skipped: it may be the one that matters.</summary>
    public static IniOutcome Parse(string text)
    {
        var sections = new Dictionary<string, IniSection>(StringComparer.Ordinal);
        IniSection? section = null;
        string? property = null;
        bool nesting = false;
        int number = 0;
        ReadOnlySpan<char> whole = text.AsSpan().TrimStart('\uFEFF');
        foreach (Range range in whole.Split('\n'))
        {
            number++;
            ReadOnlySpan<char> raw = whole[range];
            ReadOnlySpan<char> line = raw.Trim();
            if (line.IsEmpty || line[0] is '#' or ';')
            {
                continue;
            }

            if (char.IsWhiteSpace(raw[0]) && property is not null)
            {
                if (!nesting)
                {
                    section!.Append(property, line.ToString());
                }
                else if (TrySplit(line, out string? key, out string? value))
                {
                    section!.SetNested(property, key, value);
                }
                else
                {
                    return new IniOutcome.Broken(number, "an indented line below an empty property must read name = value");
                }
            }
            else if (line[0] == '[')
            {
                if (SectionName(line) is not { } name)
                {
                    return new IniOutcome.Broken(number, "a section must read [name]");
                }

                if (!sections.TryGetValue(name, out section))
                {
                    sections[name] = section = new IniSection(name);
                }

                property = null;
            }
            else if (section is null)
            {
                return new IniOutcome.Broken(number, "a property stands before the first [section]");
            }
            else if (TrySplit(line, out property, out string? value))
            {
                section.Set(property, value);
                nesting = value.Length == 0;
            }
            else
            {
                return new IniOutcome.Broken(number, "a line must read name = value");
            }
        }

        return new IniOutcome.Parsed([.. sections.Values]);
    }

    private static string? SectionName(ReadOnlySpan<char> line)
    {
        int end = line.IndexOf(']');
        if (end < 0)
        {
            return null;
        }

        ReadOnlySpan<char> rest = line[(end + 1)..].TrimStart();
        ReadOnlySpan<char> name = line[1..end].Trim();
        return name.IsEmpty || !(rest.IsEmpty || rest[0] is '#' or ';') ? null : name.ToString();
    }

    private static bool TrySplit(
        ReadOnlySpan<char> line,
        [NotNullWhen(true)] out string? key,
        [NotNullWhen(true)] out string? value)
    {
        int equals = line.IndexOf('=');
        ReadOnlySpan<char> name = equals < 0 ? default : line[..equals].Trim();
        if (name.IsEmpty)
        {
            key = value = null;
            return false;
        }

        key = name.ToString().ToLowerInvariant();
        value = WithoutComment(line[(equals + 1)..]).Trim().ToString();
        return true;
    }

    private static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> value)
    {
        for (int i = 1; i < value.Length; i++)
        {
            if (value[i] is '#' or ';' && char.IsWhiteSpace(value[i - 1]))
            {
                return value[..i];
            }
        }

        return value;
    }
}

/// <summary>What reading an INI text came to.</summary>
internal abstract record IniOutcome
{
    private IniOutcome()
    {
    }

    public sealed record Parsed(IReadOnlyList<IniSection> Sections) : IniOutcome;

    /// <param name="Line">The line, counted from 1.</param>
    /// <param name="Reason">What the line should be. It never quotes the line, which may be half a key.</param>
    public sealed record Broken(int Line, string Reason) : IniOutcome;
}

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
        _nested.TryGetValue(parent, out SortedDictionary<string, string>? group) &&
        group.TryGetValue(key, out string? value) && value.Length > 0
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
