using System.Security.Cryptography;
using System.Text.Json;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Daemon.Handlers;

/// <summary>
/// The credential helper that was docker's <c>credsStore</c> before us. Whatever is not ours goes to it byte for byte, so that nothing
/// which <c>docker login</c> ever saved is lost.
/// </summary>
internal sealed class FallbackHelper(HelperRelay relay)
{
    /// <summary>
    /// The helper that the configuration names; null without one, and while the configuration is invalid, when nobody knows.
    /// </summary>
    public static string? Of(ConfigurationOutcome configuration) =>
        configuration is ConfigurationOutcome.Loaded(var loaded, _) ? loaded.FallbackHelper : null;

    public async Task<Reply> GetAsync(string helper, RequestContext context, CancellationToken cancellationToken) =>
        (await relay.AskAsync(helper, "get", context.Request.Payload, context, cancellationToken))
            .Succeeded(out Reply? reply, out Problem? problem) ? reply
        : problem.Kind == ProblemKind.Loop ? Replies.NotFound(problem.Message)
        : Replies.Failure(problem);

    public async Task<Reply> StoreAsync(string helper, RequestContext context, CancellationToken cancellationToken) =>
        (await relay.AskAsync(helper, "store", context.Request.Payload, context, cancellationToken))
            .Succeeded(out Reply? reply, out Problem? problem)
            ? reply
            : Replies.Failure(problem);

    /// <summary>What the helper answered; a success with a warning when it could not be asked.</summary>
    public async Task<Reply> EraseAsync(string helper, RequestContext context, CancellationToken cancellationToken) =>
        (await relay.AskAsync(helper, "erase", context.Request.Payload, context, cancellationToken))
            .Succeeded(out Reply? reply, out Problem? problem)
            ? reply
            : Replies.NotErased(context, problem.Message);

    /// <summary>
    /// The helper's list with ours, which win. The helper's own bytes when we have nothing to add; ours alone, with a warning, when it
    /// fails.
    /// </summary>
    public async Task<Reply> ListAsync(
        string helper, IReadOnlyDictionary<string, string> ours, RequestContext context, CancellationToken cancellationToken)
    {
        // docker sends this word, and no helper reads it.
        byte[] unused = "unused"u8.ToArray();
        if (!(await relay.AskAsync(helper, "list", unused, context, cancellationToken)).Succeeded(out Reply? reply, out Problem? problem))
        {
            string? warning = problem.Kind == ProblemKind.Loop
                ? null
                : $"the list is without that of the fallback helper: {problem.Message}";
            return Replies.List(ours, warning);
        }

        if (reply.ExitCode != 0 || Entries(reply.Stdout) is not { } theirs)
        {
            string how = reply.ExitCode != 0 ? "failed" : "printed something that is no list";
            return Replies.List(ours, $"the list is without that of the fallback helper: {helper} {how}");
        }

        if (ours.Count == 0)
        {
            return reply;
        }

        CryptographicOperations.ZeroMemory(reply.Stdout);
        return Replies.List([.. theirs.Where(entry => !ours.ContainsKey(entry.Key)), .. ours], warning: null);
    }

    /// <summary>A flat object of texts, or null: Go prints an empty list as <c>null</c>.</summary>
    private static List<KeyValuePair<string, string>>? Entries(ReadOnlySpan<byte> json)
    {
        var entries = new List<KeyValuePair<string, string>>();
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                return reader.Read() ? null : entries;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = reader.GetString()!;
                reader.Read();
                entries.Add(new(key, reader.GetString() ?? ""));
            }

            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? entries : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a value that is no text.
            return null;
        }
    }
}
