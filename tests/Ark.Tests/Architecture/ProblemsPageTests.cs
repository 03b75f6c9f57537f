using System.Text.RegularExpressions;
using Ark.Core.Problems;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>The codes of problems are a contract, and <c>src/docs/problems.md</c> is where people look them up.</summary>
public sealed partial class ProblemsPageTests
{
    private static string[] Codes => [.. Enum.GetValues<ProblemKind>().Select(kind => new Problem(kind, "what", "how").Code)];

    [Fact]
    public void The_page_explains_every_code_once_and_none_more() =>
        Assert.Equal(Codes.Order(), Row().Matches(Repository.Text("src/docs/problems.md")).Select(row => row.Groups[1].Value).Order());

    [Fact]
    public void A_code_is_of_lower_case_words_and_belongs_to_one_kind()
    {
        Assert.All(Codes, code => Assert.Matches(@"\A[a-z]+(-[a-z]+)*\z", code));
        Assert.Equal(Codes.Length, Codes.Distinct().Count());
    }

    [GeneratedRegex(@"^\| `([^`]+)` \| [^|]+ \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
