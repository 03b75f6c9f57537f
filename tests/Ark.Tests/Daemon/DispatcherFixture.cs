using System.Text;
using System.Text.Json;
using Ark.Aws;
using Ark.Core.Configuration;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Configuration;
using Ark.Daemon.Dispatching;
using Ark.Daemon.Sources;
using Ark.Processes;
using Ark.Testing;
using Ark.Tests.Aws;
using Ark.Tests.Tokens;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Tests.Daemon;

/// <summary>A dispatcher with everything behind it in the test's hands: the configuration, the clock, and where tokens come from.</summary>
internal sealed class DispatcherFixture : IDisposable
{
    public const string NotFound = "credentials not found in native keychain\n";
    public const string Configured = "docker.example.com";

    /// <param name="aws">What asks AWS for repositories; by default somebody without a home, who gets nowhere.</param>
    public DispatcherFixture(AwsAccess? aws = null)
    {
        aws ??= new AwsAccess(Clock, static _ => null, static _ => false, new FakeSecrets());
        Source = new FakeSource(Clock);
        Sources = (_, _) => new SourceOutcome.Found(Source);
        Cache = new TokenCache(Clock, static () => 0.5);
        var refused = new RefusedHosts(Clock);
        var helpers = new DockerHelper(new SourceProcessRunner(Clock, new ProgramSearch(Home.Home), Home.Home), Clock);
        Func<Binding, CallerIdentity, SourceOutcome> For = new BoundSources(_ => Configuration(), (binding, caller) => Sources(binding.Source, caller), Log.Logger).For;
        Dispatcher = new Dispatcher(
            _ => Configuration(),
            new Handlers(
                new CredentialHandler(For, Cache, refused, new HelperRelay(helpers, Home.Home, Log.Logger), Clock, Log.Logger),
                new RefreshHandler(For, Cache, refused, Log.Logger),
                new DescribeHandler(For, Cache, Log.Logger),
                new ConfigurationHandler(new ConfigurationStores(name => Environment.GetValueOrDefault(name), Clock, Log.Logger)),
                new RepositoryHandler(new EcrRepositories(aws), Log.Logger),
                new ProposalHandler(new ProfileProposals(aws))),
            refused,
            Cache,
            Clock,
            Log.Logger);
    }

    /// <summary>The daemon's own environment, for what looks at files.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public ManualClock Clock { get; } = new();

    /// <summary>The daemon's home, where the programs are as well.</summary>
    public TemporaryHome Home { get; } = new();

    public FakeSource Source { get; }

    public Func<RegistrySource, CallerIdentity, SourceOutcome> Sources { get; set; }

    public Func<ConfigurationOutcome> Configuration { get; set; } = static () => new ConfigurationOutcome.Loaded(ArkConfiguration.Empty);

    public TokenCache Cache { get; }

    public LogLines Log { get; } = new(LogLevel.Debug);

    public Dispatcher Dispatcher { get; }

    /// <summary>A configuration that binds <see cref="Configured"/> to organization tbd, and whatever else is said.</summary>
    public static ConfigurationOutcome ConfigurationOf(string settings = "", params string[] hosts) => ConfigurationFile.Parse(
        Encoding.UTF8.GetBytes($$"""
            { {{settings}} "organizations": [{ "name": "tbd", "registries": [{
                "hosts": {{JsonSerializer.Serialize(hosts.Length == 0 ? [Configured] : hosts)}},
                "source": { "type": "ecr", "profile": "tbd", "accountId": "123456789012", "region": "eu-west-1" } }] }] }
            """),
        "config.json");

    public Task<Reply> Ask(Verb verb, string payload = "", params (string Name, string Value)[] caller) =>
        Ask(verb, Encoding.UTF8.GetBytes(payload), caller);

    public Task<Reply> Ask(Verb verb, byte[] payload, params (string Name, string Value)[] caller) => Dispatcher.AnswerAsync(
        new Request("0.1.0", verb, payload, caller.ToDictionary(variable => variable.Name, variable => variable.Value)),
        CancellationToken.None);

    public void Dispose()
    {
        Cache.Dispose();
        Home.Dispose();
    }
}

internal static class ReplyTexts
{
    public static string Out(this Reply reply) => Encoding.UTF8.GetString(reply.Stdout);

    public static string Error(this Reply reply) => Encoding.UTF8.GetString(reply.Stderr);
}
