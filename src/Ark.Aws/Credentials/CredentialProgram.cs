using System.ComponentModel;
using System.Diagnostics;
using Ark.Aws.Profiles;
using Ark.Aws.Sdk;
using Ark.Core.Problems;

namespace Ark.Aws.Credentials;

/// <summary>
/// Runs a <c>credential_process</c>: no shell, no input, ten seconds, 64 KiB of output. What it writes to stderr is thrown away,
/// because some programs write keys there.
/// </summary>
/// <param name="time">The clock of the limit and of expiry.</param>
/// <param name="search">Where programs are.</param>
/// <param name="files">The files of the identity; the program gets them in the variables that AWS's tools read.</param>
internal sealed class CredentialProgram(TimeProvider time, ProgramSearch search, ProfileFiles files)
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>How long what a program has written may take to arrive after its end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public async Task<Outcome<AwsKeys>> RunAsync(CredentialRecipe.Program program, CancellationToken cancellationToken)
    {
        string[] words = CommandLine.Split(program.CommandLine, OperatingSystem.IsWindows());
        if (words is not [var name, .. var arguments])
        {
            return Failed(program, ProblemKind.BadConfiguration, "is empty or has an open quote", "correct the line");
        }

        if (search.Find(name) is not { } executable)
        {
            return Failed(
                program, ProblemKind.BadConfiguration, "names a program that is not on the daemon's PATH", "write the program's full path in the profile");
        }

        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var finished = new CancellationTokenSource();
        using var process = new Process { StartInfo = StartInfo(executable, arguments) };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            return Failed(
                program,
                ProblemKind.BadConfiguration,
                "cannot be started",
                "let the line begin with the whole path of a program that you may execute");
        }

        using var output = new ProgramOutput();
        try
        {
            process.StandardInput.Close();
            _ = DiscardAsync(process.StandardError.BaseStream, finished.Token);
            Task reading = output.FillAsync(process.StandardOutput.BaseStream, finished.Token);
            Task exit = process.WaitForExitAsync(either.Token);
            if (await Task.WhenAny(reading, exit) == reading && output.IsTooLong)
            {
                return TooLong(program);
            }

            await exit;
            if (process.ExitCode != 0)
            {
                return Failed(
                    program, ProblemKind.NoCredentials, $"ended with exit code {process.ExitCode}", "run it by hand and look at what it says");
            }

            await ArriveAsync(reading, either.Token);
            return output.IsTooLong ? TooLong(program) : Read(program, output.SoFar);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(
                program, ProblemKind.NoCredentials, "did not end within ten seconds", "run it by hand; it must not wait for anybody");
        }
        finally
        {
            await finished.CancelAsync();
            Kill(process);
        }
    }

    /// <summary>Waits for what the ended program wrote, and not for a child of it that keeps the pipe open.</summary>
    private async Task ArriveAsync(Task reading, CancellationToken cancellationToken)
    {
        try
        {
            await reading.WaitAsync(Grace, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Everything that it wrote has been read by now.
        }
    }

    private ProcessStartInfo StartInfo(string executable, string[] arguments)
    {
        var start = new ProcessStartInfo(executable, arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = files.Home ?? Path.GetTempPath(),
        };

        // The daemon may have been started by a call with another identity: nothing of that one may decide here.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = files.Home;
        start.Environment["AWS_CONFIG_FILE"] = files.Config;
        start.Environment["AWS_SHARED_CREDENTIALS_FILE"] = files.Credentials;
        return start;
    }

    private Outcome<AwsKeys> Read(CredentialRecipe.Program program, ReadOnlyMemory<byte> output) =>
        CredentialDocument.Read(output, time.GetUtcNow()) switch
        {
            CredentialDocument.Good good => good.Keys,
            CredentialDocument.OtherFormat => Failed(
                program,
                ProblemKind.BadAnswer,
                "printed JSON that is not version 1 of AWS's format",
                "it must print Version, AccessKeyId and SecretAccessKey"),
            CredentialDocument.Expired(var at) => Failed(
                program, ProblemKind.CredentialsRejected, $"printed credentials that expired at {at:u}", "renew its login, or check the clock"),
            _ => Failed(program, ProblemKind.BadAnswer, "printed something that is not JSON", "run it by hand and look at its output"),
        };

    /// <summary>Keeps stderr from filling up. It is not waited for: a child of the program may hold it open for ever.</summary>
    private static async Task DiscardAsync(Stream errors, CancellationToken finished)
    {
        try
        {
            await errors.CopyToAsync(Stream.Null, finished);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The program has ended, or has been ended.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself, which is what we want.
        }
    }

    private static Problem TooLong(CredentialRecipe.Program program) =>
        Failed(program, ProblemKind.BadAnswer, "printed more than 64 KiB", "run it by hand and look at its output");

    private static Problem Failed(CredentialRecipe.Program program, ProblemKind kind, string reason, string hint) =>
        new(kind, $"the credential_process of profile '{program.Profile}' {reason}", hint);
}
