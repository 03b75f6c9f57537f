using System.Text.RegularExpressions;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>The table of <c>src/docs/moving-over.md</c> promises a test for every function of the tools that people come from.</summary>
public sealed partial class MovingOverTests
{
    private const string Page = "src/docs/moving-over.md";

    private static readonly string[] Functions =
    [
        "A1", "A2", "A3", "A4", "A5", "A6", "A7",
        "K1", "K2", "K3", "K4",
        "P1", "P2", "P3", "P4", "P5",
        "I1", "I2", "I3", "I4", "I5",
    ];

    private static IEnumerable<string[]> Rows => Repository.Text(Page).Split('\n')
        .Where(line => Row().IsMatch(line))
        .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries));

    [Fact]
    public void Every_function_has_its_row_with_a_command() =>
        Assert.Equal(Functions, Rows.Where(cells => cells is [_, { Length: > 0 }, { Length: > 0 }, _]).Select(cells => cells[0]));

    [Fact]
    public void Every_row_names_tests_that_there_are()
    {
        string[] sources =
        [
            .. from file in Repository.Files()
               where file.StartsWith("tests/", StringComparison.Ordinal)
               where file.EndsWith("Tests.cs", StringComparison.Ordinal) || file.Contains("/Scenarios/", StringComparison.Ordinal)
               select file,
        ];
        Dictionary<string, string> classes = sources.ToDictionary(file => file, Repository.Text);

        string[] missing = [..
            from cells in Rows
            from test in Named(cells[^1]).DefaultIfEmpty("no test at all")
            where !classes.Any(source => Proves(source.Key, source.Value, test))
            select $"{cells[0]}: {test}"];

        Assert.True(missing is [], string.Join('\n', missing));
    }

    private static IEnumerable<string> Named(string cell) => Code().Matches(cell).Select(match => match.Groups[1].Value);

    /// <summary>A test is a class, <c>Class.Method</c>, or a session in the form <c>file.txt: its title</c>.</summary>
    private static bool Proves(string file, string source, string test)
    {
        if (test.Split(": ", 2) is [var session, var title])
        {
            return Path.GetFileName(file) == session && source.Contains($"## {title}\n", StringComparison.Ordinal);
        }

        string[] parts = test.Split('.');
        return Path.GetFileNameWithoutExtension(file) == parts[0]
            && source.Contains($"class {parts[0]}", StringComparison.Ordinal)
            && parts.Skip(1).All(method => source.Contains($" {method}(", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\A\| [A-Z][0-9] ")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
