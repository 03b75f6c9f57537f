using Ark.Wire.Registries;
using Xunit;

namespace Ark.Tests.Registries;

public sealed class HostCorpusTests
{
    [Fact]
    public void No_row_of_the_corpus_was_lost()
    {
        Assert.Equal(93, HostCorpus.Rows.Count);
        Assert.Equal(93, HostCorpus.Rows.Select(row => row.Id).Distinct().Count());
        Assert.All(
            HostCorpus.Rows,
            row => Assert.True(row is { Auto: "SERVE" or "NOT_MINE" or "EMPTY", MappedOnly: "SERVE" or "NOT_MINE" or "EMPTY" }));
    }

    public static TheoryData<string> Ids => [.. HostCorpus.Rows.Select(row => row.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void What_is_served_is_a_registry_and_what_is_empty_is_empty(string id)
    {
        HostCorpus.Row row = HostCorpus.Named(id);

        RegistryParse parse = RegistryReference.Parse(row.Input);

        Assert.Equal(row.Auto == "EMPTY", parse is RegistryParse.Empty);
        if (row.Auto == "SERVE")
        {
            RegistryReference reference = Assert.IsType<RegistryParse.Parsed>(parse).Reference;
            Assert.True(reference.Ecr is not null || HostCorpus.ConfiguredHosts.Contains(reference.Host));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_second_parser_reads_the_same(string id)
    {
        byte[] input = HostCorpus.Named(id).Input;

        Assert.Equal(SecondParser.Describe(input), FirstParser.Describe(input));
    }
}
