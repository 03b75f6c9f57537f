using System.Text;
using Ark.Testing;
using Ark.Tests.Registries;
using Xunit;

namespace Ark.EndToEnd.Hosts;

/// <summary>Every row of the corpus goes through the real helper to one real daemon a mode.</summary>
public sealed class HostCorpusTests(HostCorpusTests.Auto auto, HostCorpusTests.MappedOnly mappedOnly)
    : IClassFixture<HostCorpusTests.Auto>, IClassFixture<HostCorpusTests.MappedOnly>
{
    public static IEnumerable<TheoryDataRow<string>> Rows => HostCorpus.Rows.Select(row => new TheoryDataRow<string>(row.Id));

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Without_a_mode_every_ECR_host_is_served(string id) => CheckAsync(auto.Served, HostCorpus.Named(id), HostCorpus.Named(id).Auto);

    [Theory]
    [MemberData(nameof(Rows))]
    public Task In_mapped_only_mode_nothing_else_is(string id) => CheckAsync(mappedOnly.Served, HostCorpus.Named(id), HostCorpus.Named(id).MappedOnly);

    private static async Task CheckAsync(ServedHome served, HostCorpus.Row row, string expected)
    {
        ProgramResult result = await served.HelperAsync("get", row.Input);
        switch (expected)
        {
            case "SERVE":
                served.AssertServed(result, Encoding.UTF8.GetString(row.Input).Trim());
                break;
            case "NOT_MINE":
                Assert.Equal((1, ServedHome.NotFound), (result.ExitCode, result.OutputText));
                break;
            case "EMPTY":
                Assert.Equal((1, "no credentials server URL\n"), (result.ExitCode, result.OutputText));
                break;
            default:
                Assert.Fail($"unknown expectation {expected}");
                break;
        }
    }

    public sealed class Auto : IAsyncLifetime
    {
        public ServedHome Served { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Served = await ServedHome.StartAsync("auto");

        public ValueTask DisposeAsync() => Served.DisposeAsync();
    }

    public sealed class MappedOnly : IAsyncLifetime
    {
        public ServedHome Served { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Served = await ServedHome.StartAsync("mapped-only");

        public ValueTask DisposeAsync() => Served.DisposeAsync();
    }
}
