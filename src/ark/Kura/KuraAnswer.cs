using System.Text.Json;
using Ark.Wire;

namespace Ark.Cli.Kura;

/// <summary>What Kura's configuration service says, read without trust in it.</summary>
internal abstract record KuraAnswer
{
    private const int LongestMessage = 200;

    private KuraAnswer()
    {
    }

    /// <summary>Whether that component is in a list of components with their factories.</summary>
    public static KuraAnswer FactoryOf(ReadOnlyMemory<byte> json, string pid)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var component in document.RootElement.GetProperty("components"u8).EnumerateArray())
            {
                if (component.GetProperty("pid"u8).ValueEquals(pid))
                {
                    return new Component(component.TryGetProperty("factoryPid"u8, out var factory) ? factory.GetString() : null);
                }
            }

            return new NoComponent();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return new NotKura();
        }
    }

    /// <summary>
    /// Why a request failed: the one message of it, or that of its first step that failed. Null where there is none, or none that can be
    /// shown because it repeats one of the secrets that were sent.
    /// </summary>
    public static string? Message(ReadOnlyMemory<byte> json, string[] secrets)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var report = document.RootElement;
            if (report.TryGetProperty("failures"u8, out var failures) && failures.GetArrayLength() > 0)
            {
                report = failures[0];
            }

            return report.TryGetProperty("message"u8, out var text) && text.GetString() is { Length: > 0 } message
                && !secrets.Any(secret => message.Contains(secret, StringComparison.Ordinal))
                ? TextSanitizer.Line(message.Length > LongestMessage ? message[..LongestMessage] : message)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>It is there; its factory is null where it has none.</summary>
    internal sealed record Component(string? Factory) : KuraAnswer;

    internal sealed record NoComponent : KuraAnswer;

    /// <summary>No such list at all.</summary>
    internal sealed record NotKura : KuraAnswer;
}
