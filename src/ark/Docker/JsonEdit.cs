using System.Text;
using System.Text.Json;

namespace Ark.Cli.Docker;

/// <summary>
/// Surgery on the sections of a JSON object, that is members of the root which are objects themselves. Each edit is one splice:
/// every byte outside it stays, and what is inserted is written like its neighbors (indentation, line ends, blanks around the colon).
/// </summary>
/// <remarks>
/// A section is found as Go's decoder finds it, without regard to case; names within a section are exact.
/// The caller has made sure that the section, if there, is one object or <c>null</c>.
/// </remarks>
internal static class JsonEdit
{
    /// <summary>Gives a member of a section this text as its value; makes section and document where there are none.</summary>
    public static byte[] Set(byte[] json, string section, string name, string value)
    {
        var text = JsonText.Parse(JsonText.IsBlank(json) ? EmptyDocument(json) : json);
        if (Section(text, section) is not { } holder)
        {
            return Set(Insert(text, null, section, "{}"), section, name, value);
        }

        if (!holder.Value.IsObject)
        {
            return Set(Splice(text.Bytes, holder.Value.Start, holder.Value.End, "{}"), section, name, value);
        }

        return Member(holder, name) is { } present
            ? Splice(text.Bytes, present.Value.Start, present.Value.End, Quote(value))
            : Insert(text, holder, name, Quote(value));
    }

    /// <summary>Takes a member out of a section; the same bytes when it is not there.</summary>
    public static byte[] Remove(byte[] json, string section, string name)
    {
        var text = JsonText.Parse(json);
        return Section(text, section) is { } holder && Member(holder, name) is { } member
            ? Cut(text.Bytes, holder.Value, member)
            : json;
    }

    /// <summary>Takes a whole section out; the same bytes when it is not there.</summary>
    public static byte[] RemoveSection(byte[] json, string section)
    {
        var text = JsonText.Parse(json);
        return Section(text, section) is { } holder ? Cut(text.Bytes, text.Root, holder) : json;
    }

    /// <summary>
    /// Gives the root a text of this name: in place of the one it has, else in front of all others, where no comment belongs to it.
    /// </summary>
    public static byte[] SetText(byte[] json, string name, string value)
    {
        var text = JsonText.ParseWithComments(JsonText.IsBlank(json) ? EmptyDocument(json) : json);
        if (Section(text, name) is { } present)
        {
            return Splice(text.Bytes, present.Value.Start, present.Value.End, Quote(value));
        }

        int start = text.Root.Start + 1;
        if (text.Root.Members is [var first, ..])
        {
            string space = Indent(text, first) is { } indent ? NewLine(text) + indent : Encoding.ASCII.GetString(text.SpaceBefore(first));
            return Splice(text.Bytes, start, start, $"{space}{Quote(name)}{Colon(text, text.Root)}{Quote(value)},");
        }

        return IsEmpty(text)
            ? Insert(text, null, name, Quote(value))
            : Splice(text.Bytes, start, start, $"{NewLine(text)}  {Quote(name)}: {Quote(value)}{NewLine(text)}");
    }

    /// <summary>Takes that text out again, and no comment with it; the same bytes when it is not there.</summary>
    public static byte[] RemoveText(byte[] json, string name)
    {
        var text = JsonText.ParseWithComments(json);
        if (Section(text, name) is not { } member)
        {
            return json;
        }

        int end = member.Value.End;
        if (json[end] != ',')
        {
            // Where there is a comment, the comma before it may stay: such a file allows one at its end.
            int before = text.Root.Members.TakeWhile(each => each != member).LastOrDefault()?.Value.End ?? text.Root.Start;
            bool hasComment = json.AsSpan(before..member.Start).Contains((byte)'/');
            return hasComment ? Splice(json, member.Start, end, "") : Cut(json, text.Root, member);
        }

        // What leads the member goes with it, but not the line end that a comment before it needs.
        ReadOnlySpan<byte> lead = text.SpaceBefore(member);
        ReadOnlySpan<byte> rest = json.AsSpan(end + 1);
        ReadOnlySpan<byte> trail = rest[..^rest.TrimStart(" \t\r\n"u8).Length];
        return lead.Contains((byte)'\n') && !trail.Contains((byte)'\n')
            ? Splice(json, member.Start, end + 1 + trail.Length, "")
            : Splice(json, member.Start - lead.Length, end + 1, "");
    }

    /// <summary>A member of the root. Of several, Go's decoder lets the last one count.</summary>
    public static JsonMember? Section(JsonText text, string section) =>
        text.Root.Members.LastOrDefault(member => string.Equals(member.Name, section, StringComparison.OrdinalIgnoreCase));

    private static JsonMember? Member(JsonMember section, string name) =>
        section.Value.Members.FirstOrDefault(member => string.Equals(member.Name, name, StringComparison.Ordinal));

    private static byte[] Insert(JsonText text, JsonMember? holder, string name, string literal)
    {
        JsonNode target = holder?.Value ?? text.Root;
        string colon = Colon(text, target);
        string member = $"{Quote(name)}{colon}{literal}";
        if (target.Members is [.., var last])
        {
            string space = Indent(text, last) is { } indent ? NewLine(text) + indent : Encoding.ASCII.GetString(text.SpaceBefore(last));
            string gap = space.Length == 0 && colon.EndsWith(' ') ? " " : space;
            return Splice(text.Bytes, last.Value.End, last.Value.End, $",{gap}{member}");
        }

        // An empty root has no style yet and gets docker's own; an empty section on a line of its own opens up, two levels deep.
        var (outer, inner) = holder is null ? ("", "\t") : Indent(text, holder) is { } own ? (own, own + own) : (null, null);
        string body = outer is null ? member : $"{NewLine(text)}{inner}{member}{NewLine(text)}{outer}";
        return Splice(text.Bytes, target.Start, target.End, $"{{{body}}}");
    }

    private static byte[] Cut(byte[] json, JsonNode holder, JsonMember member)
    {
        IReadOnlyList<JsonMember> members = holder.Members;
        int at = 0;
        while (members[at] != member)
        {
            at++;
        }

        return members.Count == 1 ? Splice(json, holder.Start, holder.End, "{}")
            : at == members.Count - 1 ? Splice(json, members[at - 1].Value.End, member.Value.End, "")
            : Splice(json, member.Start, members[at + 1].Start, "");
    }

    /// <summary>The blanks that lead a member on a line of its own; null when it shares its line.</summary>
    private static string? Indent(JsonText text, JsonMember member)
    {
        ReadOnlySpan<byte> space = text.SpaceBefore(member);
        int lineEnd = space.LastIndexOf((byte)'\n');
        return lineEnd < 0 ? null : Encoding.ASCII.GetString(space[(lineEnd + 1)..]);
    }

    private static string NewLine(JsonText text)
    {
        int first = text.Bytes.AsSpan().IndexOf((byte)'\n');
        return first > 0 && text.Bytes[first - 1] == '\r' ? "\r\n" : "\n";
    }

    private static string Colon(JsonText text, JsonNode target)
    {
        if ((target.Members is [.., var near] ? near : text.Root.Members is [.., var far] ? far : null) is not { } model)
        {
            return ": ";
        }

        ReadOnlySpan<byte> colon = text.Bytes.AsSpan(model.NameEnd..model.Value.Start);
        return colon.ContainsAny((byte)'\n', (byte)'/') ? ": " : Encoding.ASCII.GetString(colon);
    }

    /// <summary>Nothing between the braces but blanks: no member and no comment.</summary>
    private static bool IsEmpty(JsonText text) =>
        text.Bytes.AsSpan(text.Root.Start + 1, text.Root.End - text.Root.Start - 2).Trim(" \t\r\n"u8).IsEmpty;

    private static byte[] EmptyDocument(byte[] blank)
    {
        int mark = JsonText.MarkLength(blank);
        return [.. blank.AsSpan(0, mark), .. "{}"u8, .. blank.Length == mark ? "\n"u8 : blank.AsSpan(mark)];
    }

    private static string Quote(string value) => $"\"{JsonEncodedText.Encode(value)}\"";

    private static byte[] Splice(byte[] json, int start, int end, string replacement) =>
        [.. json.AsSpan(0, start), .. Encoding.UTF8.GetBytes(replacement), .. json.AsSpan(end)];
}
