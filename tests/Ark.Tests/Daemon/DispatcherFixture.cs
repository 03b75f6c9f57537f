using System.Text;
using System.Text.Json;
using Ark.Aws;
using Ark.Core.Configuration;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon;
using Ark.Daemon.Handlers;
using Ark.Daemon.Listening;
using Ark.Daemon.Logging;
using Ark.Processes;
using Ark.Testing;
using Ark.Tests.Aws;
using Ark.Tests.Tokens;
using Ark.Wire;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Ark.Tests.Daemon;

/// <summary>A dispatcher with everything behind it in the test's hands: the configuration, the clock, and where tokens come from.</summary>
internal sealed class DispatcherFixture : IDisposable
{
    public const string NotFound = "credentials not found in native keychain\n";
    public const string Configured = "docker.example.com";

    /// <param name="aws">What asks AWS for repositories; by default somebody without a home, who gets nowhere.</param>
    public DispatcherFixture(AwsAccess? aws = null)
    {
        Source = new FakeSource(Clock);
        Sources = (_, _) => new SourceOutcome.Found(Source);
        Cache = new TokenCache(Clock, static () => 0.5);
        Faults = new Faults(Log.Logger);
        Dispatcher = new Ark.Daemon.Daemon(Variable, Clock).Compose(Cache, Faults, Log.Logger, new Replacements
        {
            Configurations = _ => Configuration(),
            Sources = (binding, caller) => Sources(binding.Source, caller),
            Aws = aws ?? new AwsAccess(
                Clock,
                new ProgramSearch(null),
                new CallerContexts(static _ => null, [], static _ => false, static _ => null),
                new FakeSecrets()),
            OwnDirectory = Home.Home,
            UsualPlaces = [],
        });
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

    public Faults Faults { get; }

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

    /// <summary>Sends the request as a client would, and takes the answer from the frames that come back.</summary>
    public Task<Reply> Ask(Verb verb, byte[] payload, params (string Name, string Value)[] caller) =>
        Frames.AskAsync(
            Dispatcher.AnswerAsync, Clock, new Request("0.1.0", verb, payload, caller.ToDictionary(each => each.Name, each => each.Value)));

    public void Dispose()
    {
        Cache.Dispose();
        Home.Dispose();
    }

    private string? Variable(string name) => Environment.GetValueOrDefault(name) ?? (name is "HOME" or "PATH" ? Home.Home : null);
}

/// <summary>A client in memory.</summary>
internal static class Frames
{
    private const ulong Id = 42;

    public static async Task<Reply> AskAsync(Func<Request, CancellationToken, Task<Reply>> answer, TimeProvider time, Request request)
    {
        (DuplexStream client, DuplexStream daemon) = DuplexStream.Pair();
        await client.WriteAsync(request.ToFrame(Id)!);
        await new FrameServer(answer, time).ServeAsync(daemon, CancellationToken.None);
        await daemon.DisposeAsync();

        var printed = new MemoryStream();
        while (true)
        {
            byte[] header = new byte[Frame.HeaderLength];
            await client.ReadExactlyAsync(header);
            Assert.True(Frame.TryRead(header, out Frame frame) && frame.RequestId == Id);
            byte[] body = new byte[frame.Length];
            await client.ReadExactlyAsync(body);
            if (frame.Type == FrameType.Reply)
            {
                Reply last = Reply.Parse(body)!;
                printed.Write(last.Stdout);
                return last with { Stdout = printed.ToArray() };
            }

            Assert.Equal(FrameType.ReplyPart, frame.Type);
            printed.Write(body);
        }
    }
}

internal static class ReplyTexts
{
    public static string Out(this Reply reply) => Encoding.UTF8.GetString(reply.Stdout);

    public static string Error(this Reply reply) => Encoding.UTF8.GetString(reply.Stderr);
}
