using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Ark.Core.Problems;

namespace Ark.Aws.Profiles;

/// <summary>
/// The INI dialect of AWS, as botocore and the SDK for Go read it: <c>#</c> and <c>;</c> start comments (inside a value only after a
/// blank), and a section that appears twice is one section. A line ends at LF or CR LF and at nothing else. Sections may be indented. A
/// line that is indented deeper than the property above it belongs to that property if it is empty; otherwise it is a property of its own
/// when it reads so, as in Go, and continues the one above when it does not.
/// </summary>
/// <remarks>
/// botocore lets every deeper line continue. Then a role that is indented below a <c>region</c> is no role, and keys in the other file are
/// served in its place, under another identity. Nothing that continues a value reads <c>role_arn = …</c>.
/// </remarks>
internal static class IniFile
{
    private const string WordsAfter = "words after [name] are not read";

    // Callers name the files. Of a file that is no INI at all a few lines say enough.
    private const int MaxFaults = 16;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>
    /// Reads a whole file's text. A broken line spoils the section that it is in, since it may be the line that matters, and no other.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="path">Where it is from, for people.</param>
    public static IniText Parse(string text, string path)
    {
        var sections = new Dictionary<string, IniSection>(StringComparer.Ordinal);
        var faults = new List<Problem>();
        IniSection? section = null;
        string? property = null;
        bool nesting = false;
        int depth = 0;
        int outermost = 0;
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

            // Characters are counted, as botocore does: a tab is one.
            int indentation = raw.Length - raw.TrimStart().Length;
            bool deeper = property is not null && indentation > depth;
            bool inner = property is not null && indentation > outermost;
            string? fault = null;
            if (line[0] == '[' && SectionName(line, deeper, out fault) is { } name)
            {
                if (!sections.TryGetValue(name, out section))
                {
                    sections[name] = section = new IniSection(name);
                }

                (property, depth, outermost) = (null, indentation, indentation);
            }
            else if (section is null)
            {
                fault = "a property stands before the first [section]";
            }
            else if (deeper && nesting)
            {
                if (TrySplit(line, out string? key, out string? value))
                {
                    section.SetNested(property!, key, value);
                }
                else
                {
                    fault = "an indented line below an empty property must read name = value";
                }
            }
            else if (inner && !nesting && !IsSetting(line))
            {
                fault = section.TryAppend(property!, line) ? null : "the value that this line continues is too long";
            }
            else if (TrySplit(line, out property, out string? value))
            {
                (nesting, depth, outermost) = (value.Length == 0, indentation, inner ? outermost : indentation);
                section.Set(property, property == "credential_process" ? value : WithoutQuotes(value));
            }
            else
            {
                fault = "a line must read name = value";
            }

            if (fault is not null && (faults.Count < MaxFaults || section is { Fault: null }))
            {
                var problem = new Problem(ProblemKind.BadSetting, $"{path}, line {number}: {fault}", $"correct line {number} of {path}");
                if (faults.Count < MaxFaults)
                {
                    faults.Add(problem);
                }

                if (fault != WordsAfter)
                {
                    section?.Spoil(problem);
                }
            }
        }

        return new IniText([.. sections.Values], faults);
    }

    /// <summary>
    /// What a line that begins with a bracket names; null for one that continues a property. Words after the bracket are passed over, as
    /// by botocore. A line that lacks its bracket still begins a section: what follows it must not be added to the one before.
    /// </summary>
    private static string? SectionName(ReadOnlySpan<char> line, bool deeper, out string? fault)
    {
        int end = line.IndexOf(']');
        ReadOnlySpan<char> rest = end < 0 ? default : line[(end + 1)..].TrimStart();
        bool isWhole = end >= 0 && (rest.IsEmpty || rest[0] is '#' or ';');
        fault = null;
        if (deeper && !isWhole)
        {
            return null;
        }

        string name = line[1..(end < 0 ? line.Length : end)].Trim().ToString();
        fault = end < 0 || name.Length == 0 ? "a section must read [name]" : isWhole ? null : WordsAfter;
        return name;
    }

    /// <summary>Whether an indented line could be nothing but a property: a plain name, then an equals sign.</summary>
    private static bool IsSetting(ReadOnlySpan<char> line) =>
        line.IndexOf('=') is > 0 and var equals && !line[..equals].TrimEnd().ContainsAnyExcept(Plain);

    private static bool TrySplit(
        ReadOnlySpan<char> line,
        [NotNullWhen(true)] out string? key,
        [NotNullWhen(true)] out string? value)
    {
        // A colon separates as well, for botocore and Go, but not within a name.
        int separator = line.IndexOfAny('=', ':');
        if (separator >= 0 && line[separator] == ':' && line[..separator].TrimEnd().ContainsAnyExcept(Plain))
        {
            separator = line.IndexOf('=');
        }

        ReadOnlySpan<char> name = separator < 0 ? default : line[..separator].Trim();
        if (name.IsEmpty)
        {
            key = value = null;
            return false;
        }

        key = name.ToString().ToLowerInvariant();
        value = WithoutComment(line[(separator + 1)..]).Trim().ToString();
        return true;
    }

    /// <summary>As in Go: nothing that AWS takes has quotes around it. A command line keeps them, since they belong to its words.</summary>
    private static string WithoutQuotes(string value) =>
        value is ['"', _, .., '"'] or ['\'', _, .., '\''] ? value[1..^1] : value;

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

/// <summary>What an INI text says.</summary>
/// <param name="Sections">Its sections.</param>
/// <param name="Faults">Its first broken lines. They never quote the line, which may be half a key.</param>
internal sealed record IniText(IReadOnlyList<IniSection> Sections, IReadOnlyList<Problem> Faults);

/// <summary>One section: its properties, and the properties nested below one of them. Names of properties are lower case.</summary>
internal sealed class IniSection(string name)
{
    /// <summary>No command line and no key is as long.</summary>
    private const int MaxValue = 64 * 1024;

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _nested = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>Properties in the order of their names, so that two spellings of one section read alike.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    public IReadOnlyDictionary<string, SortedDictionary<string, string>> Nested => _nested;

    /// <summary>Its first broken line, because of which nobody knows what it says; null where all are sound.</summary>
    public Problem? Fault { get; private set; }

    /// <summary>The value, or null when it is absent or empty: AWS treats the two alike.</summary>
    public string? this[string key] => _values.TryGetValue(key, out string? value) && value.Length > 0 ? value : null;

    public string? NestedValue(string parent, string key) =>
        _nested.TryGetValue(parent, out SortedDictionary<string, string>? group) &&
        group.TryGetValue(key, out string? value) && value.Length > 0
            ? value
            : null;

    public void Spoil(Problem fault) => Fault ??= fault;

    public void Set(string key, string value) => _values[key] = value;

    /// <summary>Continues a value by a line; false where it is too long for that.</summary>
    public bool TryAppend(string key, ReadOnlySpan<char> line)
    {
        bool isRoom = _values[key].Length + line.Length < MaxValue;
        _values[key] = isRoom ? $"{_values[key]}\n{line}" : _values[key];
        return isRoom;
    }

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
        Fault ??= other.Fault;
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
