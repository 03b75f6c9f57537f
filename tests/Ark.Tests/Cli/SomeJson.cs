using System.Text;

namespace Ark.Tests.Cli;

/// <summary>Docker configurations as people, editors and programs leave them, each a function of its seed.</summary>
internal sealed class SomeJson(int seed)
{
    private static readonly string[] Indents = ["\t", "  ", "    ", " ", ""];
    private static readonly string[] Names =
    [
        "HttpHeaders", "plugins", "credHelpers", "auths", "naïve", "名前", "😀", @"esc\u0061ped", @"quo\""te", @"sl\\ash", "",
        "currentContext",
    ];

    private readonly Random _random = new(seed);
    private string _line = "";
    private string _indent = "";
    private string _colon = ":";

    public byte[] Document()
    {
        _line = Pick("\n", "\r\n", "", " ");
        _indent = _line.EndsWith('\n') ? Pick(Indents) : "";
        _colon = Pick(":", ": ", " : ");
        var members = new List<string>();
        foreach (var name in Names.Where(_ => _random.Next(3) == 0))
        {
            members.Add(Member(name, 1, name is "credHelpers" ? Helpers() : name is "auths" ? Logins() : Value(2)));
        }

        var text = $"{Object(members, 0)}{Pick("", "\n", "\r\n", " ")}";
        return Encoding.UTF8.GetBytes(_random.Next(5) == 0 ? $"\uFEFF{text}" : text);
    }

    private string Helpers() => Object(
        [.. Some(["registry.example.com", "ghcr.io", "https://index.docker.io/v1/"]).Select(host => Member(host, 2, "\"other\""))], 1);

    private string Logins() => Object(
        [.. Some(["ghcr.io", "quay.io"]).Select(host => Member(host, 2, Object([Member("auth", 3, $"\"{The.Secret}\"")], 2)))], 1);

    private string Value(int depth) => _random.Next(depth > 4 ? 5 : 7) switch
    {
        0 => "null",
        1 => "true",
        2 => "-1.5e+10",
        3 => @"""t\u00e9xt \ud83d\ude00 { } , : \"" \n""",
        4 => "[]",
        5 => $"[{Value(depth + 1)},{Pick("", " ", "\n")}{Value(depth + 1)}]",
        _ => Object([.. Some(Names).Select(name => Member(name, depth, Value(depth + 1)))], depth - 1),
    };

    private string Member(string name, int depth, string value) => $"{Gap(depth)}\"{name}\"{_colon}{value}";

    private string Object(List<string> members, int depth) => members.Count == 0 ? "{}" : $"{{{string.Join(',', members)}{Gap(depth)}}}";

    private string Gap(int depth) => _line + string.Concat(Enumerable.Repeat(_indent, depth));

    private List<string> Some(IEnumerable<string> all) => [.. all.Where(_ => _random.Next(3) == 0)];

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
