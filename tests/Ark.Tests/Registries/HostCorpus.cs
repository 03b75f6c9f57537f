using System.Globalization;
using System.Text;

namespace Ark.Tests.Registries;

/// <summary>The rows of <c>tests/corpus/hosts.tsv</c>: what <c>get</c> receives, and what must come of it in each mode.</summary>
internal static class HostCorpus
{
    /// <summary>What the corpus takes as configured; nothing else is.</summary>
    public static readonly string[] ConfiguredHosts = ["123456789012.dkr.ecr.us-east-1.amazonaws.com", "registry.acme.example"];

    public static IReadOnlyList<Row> Rows { get; } = [.. Read()];

    public static Row Named(string id) => Rows.Single(row => row.Id == id);

    private static IEnumerable<Row> Read() =>
        from line in File.ReadAllText(FindFile("hosts.tsv")).Split('\n')
        where line.Length > 0 && line[0] != '#'
        let fields = line.Split('\t')
        select new Row(fields[0], fields[1], fields[2], Unescape(fields[3]));

    public static string FindFile(string name)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "CredHelper.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return Path.Combine(folder ?? throw new InvalidOperationException("not inside the repository"), "tests", "corpus", name);
    }

    private static byte[] Unescape(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text, i, 1));
                continue;
            }

            i++;
            switch (text[i])
            {
                case 'n':
                    bytes.Add((byte)'\n');
                    break;
                case 'r':
                    bytes.Add((byte)'\r');
                    break;
                case 't':
                    bytes.Add((byte)'\t');
                    break;
                case 'x':
                    bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                case 'u':
                    int codePoint = int.Parse(text.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                    bytes.AddRange(Encoding.UTF8.GetBytes(char.ConvertFromUtf32(codePoint)));
                    i += 4;
                    break;
                case '\\':
                    bytes.Add((byte)'\\');
                    break;
                default:
                    throw new FormatException($"unknown escape in {text}");
            }
        }

        return [.. bytes];
    }

    internal sealed record Row(string Id, string Auto, string MappedOnly, byte[] Input);
}
