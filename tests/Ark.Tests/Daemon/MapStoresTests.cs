using Ark.Core.Map;
using Ark.Core.Resolving;
using Ark.Daemon.Map;
using Ark.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class MapStoresTests : IDisposable
{
    private readonly TemporaryHome _mine = new();
    private readonly TemporaryHome _other = new();

    public MapStoresTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix paths");

    public void Dispose()
    {
        _mine.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Each_caller_has_the_map_of_its_own_home_whoever_started_the_daemon()
    {
        _mine.WriteMap(Map("mapped-only"));
        var maps = new MapStores(name => name == "HOME" ? _other.Home : null, TimeProvider.System, NullLogger.Instance);

        Assert.Equal(MapMode.MappedOnly, Mode(maps, ("HOME", _mine.Home)));
        Assert.Equal(MapMode.Auto, Mode(maps, ("HOME", _other.Home)));
        Assert.Equal(MapMode.Auto, Mode(maps));
    }

    [Fact]
    public void A_callers_ARK_CONFIG_wins_over_the_daemons_and_that_over_the_home()
    {
        _mine.WriteMap(Map("mapped-only"));
        string auto = _other.WriteMap(Map("auto"));
        var maps = new MapStores(name => name == "ARK_CONFIG" ? _mine.MapFile : null, TimeProvider.System, NullLogger.Instance);

        Assert.Equal(MapMode.MappedOnly, Mode(maps, ("HOME", _other.Home)));
        Assert.Equal(MapMode.Auto, Mode(maps, ("HOME", _other.Home), ("ARK_CONFIG", auto)));
    }

    [Fact]
    public void A_relative_ARK_CONFIG_is_refused_since_the_daemon_is_nowhere_in_particular()
    {
        var maps = new MapStores(_ => null, TimeProvider.System, NullLogger.Instance);

        var invalid = Assert.IsType<MapOutcome.Invalid>(maps.For(Caller(("HOME", _mine.Home), ("ARK_CONFIG", "config.json"))));
        Assert.Contains("config.json", invalid.Problem.Message, StringComparison.Ordinal);
    }

    private static MapMode Mode(MapStores maps, params (string, string)[] variables) =>
        Assert.IsType<MapOutcome.Loaded>(maps.For(Caller(variables))).Map.Mode;

    private static CallerIdentity Caller(params (string Name, string Value)[] variables) =>
        new(variables.ToDictionary(variable => variable.Name, variable => variable.Value));

    private static string Map(string mode) => $$"""{ "mode": "{{mode}}" }""";
}
