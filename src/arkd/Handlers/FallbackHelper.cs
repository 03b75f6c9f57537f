using System.Security.Cryptography;
using System.Text.Json;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Daemon.Logging;
using Ark.Daemon.Sources;
using Ark.Processes;
using Ark.Wire;
using Microsoft.Extensions.Logging;

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

/// <summary>Hands a request on to another docker credential helper, and its answer back, byte for byte.</summary>
internal sealed class HelperRelay(DockerHelper helpers, CallerContexts callers, ILogger log)
{
    /// <summary>
    /// What the helper answered, whatever it was; a problem when it could not be asked. Nothing that it prints is looked at, and no exit
    /// code but 0 and 1 gets through, as the protocol has no others.
    /// </summary>
    public async Task<Outcome<Reply>> AskAsync(
        string helper, string verb, ReadOnlyMemory<byte> payload, RequestContext context, CancellationToken cancellationToken)
    {
        if (context.Caller[IdentityVariables.Loop] is not null)
        {
            return RegistrySources.Loop;
        }

        Outcome<ProgramEnd.Ended> outcome =
            await helpers.RunAsync(helper, verb, payload, callers.Of(context.Caller), cancellationToken);
        if (!outcome.Succeeded(out ProgramEnd.Ended? ended, out Problem? problem))
        {
            log.NotRelayed(verb, problem.Kind, problem.Message);
            return problem;
        }

        using (ended)
        {
            log.Relayed(verb, ended.ExitCode);
            byte[] output = GC.AllocateUninitializedArray<byte>(ended.Output.Length, pinned: true);
            ended.Output.CopyTo(output);
            return new Reply(ended.ExitCode == 0 ? 0 : 1, output, ended.Errors.ToArray(), Build.Current);
        }
    }
}
