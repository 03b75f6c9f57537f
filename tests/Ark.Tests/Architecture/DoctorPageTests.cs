using System.Text.RegularExpressions;
using Ark.Cli.Doctor;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>The names of checks are a contract, and <c>src/docs/doctor.md</c> is where people look them up.</summary>
public sealed partial class DoctorPageTests
{
    private static string Page => Repository.Text("src/docs/doctor.md");

    [Fact]
    public void The_page_explains_every_check_in_its_order_and_none_more() =>
        Assert.Equal(Check.All.Select(check => check.Name), Row().Matches(Page).Select(row => row.Groups[1].Value));

    [Fact]
    public void A_name_is_of_lower_case_words_and_stands_for_one_check()
    {
        Assert.All(Check.All, check => Assert.Matches(@"\A[a-z]+(-[a-z]+)*\z", check.Name));
        Assert.Equal(Check.All.Count, Check.All.DistinctBy(check => check.Name).Count());
    }

    [Fact]
    public void The_page_has_every_fault_of_a_client_that_is_known()
    {
        Assert.NotEmpty(KnownFaults.Table);
        Assert.All(KnownFaults.Table, fault => Assert.Matches($@"(?m)^\| {fault.Client} [^|]*\| .*\| .*{Regex.Escape(fault.FixedIn)} \|$", Page));
    }

    [GeneratedRegex(@"^\| `([^`]+)` \| [^|]+ \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
