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
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? key,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
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
