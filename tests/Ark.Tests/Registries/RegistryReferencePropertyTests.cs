using System.Text;
using Ark.Wire.Registries;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Ark.Tests.Registries;

public sealed class RegistryReferencePropertyTests
{
    private const int Mutants = 40_000;

    [Fact]
    public void Any_bytes_are_read_or_refused_and_never_throw() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(5_000),
            Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => RegistryReference.Parse(bytes) is not null));

    [Fact]
    public void Two_parsers_agree_on_any_bytes() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(5_000),
            Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => SecondParser.Describe(bytes) == FirstParser.Describe(bytes)));

    [Fact]
    public void Two_parsers_agree_on_mutated_hosts()
    {
        var mutator = new HostMutator(seed: 20_261_121);
        int accepted = 0;
        for (int i = 0; i < Mutants; i++)
        {
            byte[] input = mutator.Next();
            string second = SecondParser.Describe(input);
            if (second != FirstParser.Describe(input))
            {
                Assert.Fail($"mutant {i}: {Encoding.Latin1.GetString(input)}\nfirst:  {FirstParser.Describe(input)}\nsecond: {second}");
            }

            accepted += second is "refused" or "empty" ? 0 : 1;
        }

        // Mutants that are all refused would prove nothing.
        Assert.InRange(accepted, Mutants / 10, Mutants * 9 / 10);
    }

    [Fact]
    public void The_canonical_spelling_reads_as_the_same_reference()
    {
        var mutator = new HostMutator(seed: 7);
        for (int i = 0; i < Mutants; i++)
        {
            byte[] input = mutator.Next();
            if (RegistryReference.Parse(input) is RegistryParse.Parsed(RegistryReference reference))
            {
                var again = RegistryReference.Parse(reference.ToString()) as RegistryParse.Parsed;
                Assert.Equal(reference, again?.Reference);
            }
        }
    }

    [Fact]
    public void A_refusal_is_one_printable_line_that_does_not_repeat_the_input()
    {
        var mutator = new HostMutator(seed: 11);
        for (int i = 0; i < Mutants; i++)
        {
            if (RegistryReference.Parse(mutator.Next()) is RegistryParse.NotARegistry(string reason))
            {
                Assert.All(reason, c => Assert.InRange(c, ' ', '~'));
                Assert.DoesNotContain("amazonaws", reason, StringComparison.Ordinal);
            }
        }
    }
}
