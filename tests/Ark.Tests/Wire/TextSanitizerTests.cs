using Ark.Core.Problems;
using Ark.Wire;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Ark.Tests.Wire;

/// <summary>What others wrote reaches a terminal and a log without power over them, and stays readable.</summary>
public sealed class TextSanitizerTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("naïve 名前 😀", "naïve 名前 😀")]
    [InlineData("a\u001b[31mb\r\nc\u0085", "a\\u001b[31mb\\u000d\\u000ac\\u0085")]
    [InlineData("\u202egnp.exe\u2028", "\\u202egnp.exe\\u2028")]
    [InlineData("tag \U000e0041", "tag \\udb40\\udc41")]
    [InlineData("\0", "\\u0000")]
    public void What_has_power_over_a_line_is_escaped_and_all_else_stays(string text, string expected) =>
        Assert.Equal(expected, TextSanitizer.Line(text));

    // Not inline data: an attribute cannot hold half a character.
    [Fact]
    public void Half_a_character_is_escaped() => Assert.Equal("half \\ud83d", TextSanitizer.Line("half " + (char)0xd83d));

    [Fact]
    public void A_long_name_is_cut() => Assert.Equal(new string('n', 128) + "…", TextSanitizer.Name(new string('n', 129)));

    [Fact]
    public void A_cut_never_splits_a_character() => Assert.Equal("ab…", TextSanitizer.Line("ab😀", 3));

    [Fact]
    public void A_quoted_value_shows_a_letter_that_only_looks_right() => Assert.Equal("\"\\u212a8s\"", TextSanitizer.Quote("\u212a8s"));

    [Fact]
    public void Sanitizing_twice_is_sanitizing_once() =>
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static text =>
            TextSanitizer.Line(TextSanitizer.Line(text.Get)) == TextSanitizer.Line(text.Get)));

    [Fact]
    public void No_problem_keeps_a_control_character_however_it_is_made() =>
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), static text =>
        {
            var problem = new Problem(ProblemKind.Internal, text.Get, text.Get);
            Problem changed = problem with { Message = text.Get, Hint = text.Get };
            return !(problem.Message + problem.Hint + changed.Message + changed.Hint).Any(char.IsControl);
        }));
}
