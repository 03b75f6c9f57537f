using System.Text;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Processes;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>Asks other docker credential helpers, as docker does: one verb, its data on standard input.</summary>
internal sealed class DockerHelper(SourceProcessRunner programs, TimeProvider time)
{
    private const string Prefix = "docker-credential-";

    private const int MaxLine = 200;

    /// <summary>The program's path, or its name on PATH.</summary>
    public static string ProgramOf(string helper) => Path.IsPathFullyQualified(helper) ? helper : Prefix + helper;

    /// <summary>
    /// The first line of what a helper says for itself, cut after 200 characters; empty where there is none, and where it holds what JSON
    /// is made of: an error is text by docker's protocol, and what is not may be credentials after all.
    /// </summary>
    public static string FirstLine(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> rest = text.Trim(" \t\r\n"u8);
        int end = rest.IndexOfAny((byte)'\r', (byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
        return line.ContainsAny("{}\""u8) ? "" : TextSanitizer.Line(Encoding.UTF8.GetString(line).Trim(), MaxLine);
    }

    /// <summary>Runs a verb with these very bytes. Its exit code and what it printed are for the caller to judge.</summary>
    public Task<Outcome<ProgramEnd.Ended>> RunAsync(
        string helper, string verb, ReadOnlyMemory<byte> payload, CallerContext context, CancellationToken cancellationToken) =>
        programs.RunAsync(ProgramOf(helper), [verb], payload, context, cancellationToken);

    /// <summary>What it keeps for a server; <see cref="ProblemKind.NotStored"/> when it says that it keeps nothing.</summary>
    public async Task<Outcome<Credential>> GetAsync(
        string helper, string server, CallerContext context, CancellationToken cancellationToken)
    {
        if (!(await RunAsync(helper, "get", Encoding.UTF8.GetBytes(server), context, cancellationToken)).Succeeded(
            out ProgramEnd.Ended? ended, out Problem? problem))
        {
            return problem;
        }

        using (ended)
        {
            return ended.ExitCode == 0 ? Read(helper, ended.Output.Span) : Refused(helper, server, ended);
        }
    }

    private Outcome<Credential> Read(string helper, ReadOnlySpan<byte> output)
    {
        Credential? printed = CredentialText.OfJson(output, time.GetUtcNow());
        if (printed is { HasControls: true })
        {
            printed.Dispose();
            return new Problem(
                ProblemKind.BadAnswer,
                $"{Shown(helper)} printed a user name or secret with control characters",
                "save the credentials anew with: docker login");
        }

        return printed switch
        {
            // Both empty is how some stores say that they have nothing.
            { Username: null, Secret.IsEmpty: true } => NotStored(helper),
            { Secret.IsEmpty: false } => printed,
            _ => new Problem(
                ProblemKind.BadAnswer,
                $"{Shown(helper)} printed something that is not docker's JSON with a secret",
                "run it by hand and look at its output"),
        };
    }

    private static Problem Refused(string helper, string server, ProgramEnd.Ended ended)
    {
        ReadOnlySpan<byte> output = ended.Output.Span;
        if (output.Trim(" \t\r\n"u8).SequenceEqual("credentials not found in native keychain"u8))
        {
            return NotStored(helper);
        }

        string said = FirstLine(output) is { Length: > 0 } line ? line : FirstLine(ended.Errors.Span);
        return new Problem(
            ProblemKind.NoCredentials,
            $"{Shown(helper)} failed with exit code {ended.ExitCode}{(said.Length > 0 ? $": {said}" : "")}",
            $"try it by hand: echo {TextSanitizer.Name(server)} | {Shown(helper)} get");
    }

    private static Problem NotStored(string helper) =>
        new(ProblemKind.NotStored, $"{Shown(helper)} has no credentials for it", "save them with: docker login");

    private static string Shown(string helper) => TextSanitizer.Name(ProgramOf(helper));
}
