using System.Text;
using Ark.Core.Problems;
using Ark.Core.Secrets;
using Ark.Processes;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>Asks other docker credential helpers, as docker does: one verb, its data on standard input.</summary>
internal sealed class DockerHelper(SourceProcessRunner programs, TimeProvider time)
{
    private const string Prefix = "docker-credential-";

    /// <summary>The program's path, or its name on PATH.</summary>
    public static string ProgramOf(string helper) => Path.IsPathFullyQualified(helper) ? helper : Prefix + helper;

    /// <summary>Runs a verb with these very bytes. Its exit code and what it printed are for the caller to judge.</summary>
    public Task<Outcome<ProgramEnd.Ended>> RunAsync(
        string helper, string verb, ReadOnlyMemory<byte> payload, CallerPlace place, CancellationToken cancellationToken) =>
        programs.RunAsync(ProgramOf(helper), [verb], payload, place, cancellationToken);

    /// <summary>What it keeps for a server; <see cref="ProblemKind.NotStored"/> when it says that it keeps nothing.</summary>
    public async Task<Outcome<ReadSecret>> GetAsync(string helper, string server, CallerPlace place, CancellationToken cancellationToken)
    {
        if (!(await RunAsync(helper, "get", Encoding.UTF8.GetBytes(server), place, cancellationToken)).Succeeded(out ProgramEnd.Ended? ended, out Problem? problem))
        {
            return problem;
        }

        using (ended)
        {
            return ended.ExitCode == 0 ? Read(helper, ended.Output.Span) : Refused(helper, server, ended);
        }
    }

    private Outcome<ReadSecret> Read(string helper, ReadOnlySpan<byte> output)
    {
        PrintedSecret? printed = PrintedSecret.OfJson(output, time.GetUtcNow());
        if (printed is { HasControls: true })
        {
            printed.Dispose();
            return new Problem(ProblemKind.BadAnswer, $"{Shown(helper)} printed a user name or secret with control characters", "save the credentials anew with: docker login");
        }

        return printed switch
        {
            // Both empty is how some stores say that they have nothing.
            { Username: null, Secret: [] } => NotStored(helper),
            { Secret: [_, ..] } => new ReadSecret(printed.Username, printed.Secret),
            _ => new Problem(
                ProblemKind.BadAnswer, $"{Shown(helper)} printed something that is not docker's JSON with a secret", "run it by hand and look at its output"),
        };
    }

    private static Problem Refused(string helper, string server, ProgramEnd.Ended ended)
    {
        ReadOnlySpan<byte> output = ended.Output.Span;
        if (output.Trim(" \t\r\n"u8).SequenceEqual("credentials not found in native keychain"u8))
        {
            return NotStored(helper);
        }

        string said = ProgramWords.FirstLine(output) is { Length: > 0 } line ? line : ProgramWords.FirstLine(ended.Errors.Span);
        return new Problem(
            ProblemKind.NoCredentials,
            $"{Shown(helper)} failed with exit code {ended.ExitCode}{(said.Length > 0 ? $": {said}" : "")}",
            $"try it by hand: echo {TextSanitizer.Name(server)} | {Shown(helper)} get");
    }

    private static Problem NotStored(string helper) => new(ProblemKind.NotStored, $"{Shown(helper)} has no credentials for it", "save them with: docker login");

    private static string Shown(string helper) => TextSanitizer.Name(ProgramOf(helper));
}
