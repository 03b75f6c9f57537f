using System.Text;
using System.Text.Json;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Tests.Cli;

/// <summary>A daemon that answers by a function and remembers what it was asked.</summary>
internal sealed class FakeDaemon : IDaemon
{
    public Func<Verb, string, AskResult> Answer { get; set; } = (_, _) => new AskResult.Absent();

    /// <summary>Who answers for a registry, by its name; by default the caller's own settings do for every one.</summary>
    public Func<string, RegistryExplanation> Explains { get; set; } =
        registry => new RegistryExplanation { Host = registry, State = "served", DecidedBy = "caller" };

    public bool Stops { get; set; } = true;

    public Action? WhenStopped { get; set; }

    public List<(Verb Verb, string Payload, StartMode Start)> Asked { get; } = [];

    public int TimesStopped { get; private set; }

    public static AskResult.Answered Says(string stdout, string stderr = "", int exitCode = 0) =>
        new(new Reply(exitCode, Encoding.UTF8.GetBytes(stdout), Encoding.UTF8.GetBytes(stderr), "0.1.0"));

    public AskResult Ask(Verb verb, ReadOnlySpan<byte> payload, StartMode start)
    {
        var text = Encoding.UTF8.GetString(payload);
        if (verb == Verb.Explain && JsonSerializer.Deserialize(text, MessagesJson.Default.ExplainRequest) is { } request)
        {
            return Says(JsonSerializer.Serialize(Explains(request.Registry), MessagesJson.Default.RegistryExplanation));
        }

        Asked.Add((verb, text, start));
        return Answer(verb, text);
    }

    public bool Shutdown()
    {
        TimesStopped++;
        WhenStopped?.Invoke();
        return Stops;
    }
}
