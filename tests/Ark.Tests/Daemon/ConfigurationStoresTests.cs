using Ark.Core.Configuration;
using Ark.Core.Resolving;
using Ark.Daemon.Configuration;
using Ark.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Ark.Tests.Daemon;

public sealed class ConfigurationStoresTests : IDisposable
{
    private readonly TemporaryHome _mine = new();
    private readonly TemporaryHome _other = new();

    public ConfigurationStoresTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix paths");

    public void Dispose()
    {
        _mine.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Each_caller_has_the_configuration_of_its_own_home_whoever_started_the_daemon()
    {
        _mine.WriteConfiguration(Configuration("mapped-only"));
        var configurations = new ConfigurationStores(name => name == "HOME" ? _other.Home : null, TimeProvider.System, NullLogger.Instance);

        Assert.Equal(ServingMode.MappedOnly, Mode(configurations, ("HOME", _mine.Home)));
        Assert.Equal(ServingMode.Auto, Mode(configurations, ("HOME", _other.Home)));
        Assert.Equal(ServingMode.Auto, Mode(configurations));
    }

    [Fact]
    public void A_callers_ARK_CONFIG_wins_over_the_daemons_and_that_over_the_home()
    {
        _mine.WriteConfiguration(Configuration("mapped-only"));
        string auto = _other.WriteConfiguration(Configuration("auto"));
        var configurations = new ConfigurationStores(
            name => name == "ARK_CONFIG" ? _mine.ConfigurationFile : null, TimeProvider.System, NullLogger.Instance);

        Assert.Equal(ServingMode.MappedOnly, Mode(configurations, ("HOME", _other.Home)));
        Assert.Equal(ServingMode.Auto, Mode(configurations, ("HOME", _other.Home), ("ARK_CONFIG", auto)));
    }

    [Fact]
    public void A_relative_ARK_CONFIG_is_refused_since_the_daemon_is_nowhere_in_particular()
    {
        var configurations = new ConfigurationStores(_ => null, TimeProvider.System, NullLogger.Instance);

        var invalid = Assert.IsType<ConfigurationOutcome.Invalid>(
            configurations.For(Caller(("HOME", _mine.Home), ("ARK_CONFIG", "config.json"))));
        Assert.Contains("config.json", invalid.Problem.Message, StringComparison.Ordinal);
    }

    private static ServingMode Mode(ConfigurationStores configurations, params (string, string)[] variables) =>
        Assert.IsType<ConfigurationOutcome.Loaded>(configurations.For(Caller(variables))).Configuration.Mode;

    private static CallerIdentity Caller(params (string Name, string Value)[] variables) =>
        new(variables.ToDictionary(variable => variable.Name, variable => variable.Value));

    private static string Configuration(string mode) => $$"""{ "mode": "{{mode}}" }""";
}
