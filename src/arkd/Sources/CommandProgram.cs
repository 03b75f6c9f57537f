using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Processes;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>
/// Runs a command of the configuration that prints a secret alone on a line, or JSON. Nothing that it prints is ever shown, standard error
/// neither: some programs write secrets there.
/// </summary>
internal sealed class CommandProgram(SourceProcessRunner programs, TimeProvider time)
{
    /// <summary>What it printed, never empty and not expired.</summary>
    public async Task<Outcome<Credential>> RunAsync(ValueList<string> arguments, CallerContext context, CancellationToken cancellationToken)
    {
        if (!(await programs.RunAsync(arguments[0], [.. arguments.Skip(1)], default, context, cancellationToken)).Succeeded(
            out ProgramEnd.Ended? ended, out Problem? problem))
        {
            return problem;
        }

        using (ended)
        {
            string name = TextSanitizer.Name(arguments[0]);
            return ended.ExitCode == 0
                ? Read(name, ended.Output.Span)
                : new Problem(
                    ProblemKind.NoCredentials,
                    $"the command {name} ended with exit code {ended.ExitCode}",
                    "run it by hand and look at what it says");
        }
    }

    private Outcome<Credential> Read(string name, ReadOnlySpan<byte> output)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool isJson = CredentialText.IsJson(output);
        Credential? printed = isJson ? CredentialText.OfJson(output, now)
            : output.TrimEnd("\r\n"u8).IndexOfAny((byte)'\r', (byte)'\n') < 0 ? CredentialText.OfText(output)
            : null;
        switch (printed)
        {
            case { HasControls: true }:
                printed.Dispose();
                return new Problem(
                    ProblemKind.BadAnswer,
                    $"the command {name} printed a user name or secret with control characters",
                    "it must print text, without colors");

            case { Secret.IsEmpty: false, ExpiresAt: { } expiry } when expiry <= now:
                printed.Dispose();
                return new Problem(
                    ProblemKind.CredentialsRejected,
                    $"the command {name} printed a secret that expired at {expiry:u}",
                    "renew its login, or check the clock");

            case { Secret.IsEmpty: false }:
                return printed;

            default:
                return new Problem(
                    ProblemKind.BadAnswer,
                    isJson
                        ? $"the command {name} printed JSON without a secret that can be read"
                        : $"the command {name} printed something else than one line",
                    isJson
                        ? "it must print username, secret and, if it likes, expiresAt"
                        : "it must print the secret alone, or JSON with username and secret");
        }
    }
}
