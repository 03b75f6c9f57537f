using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Ark.Aws.Profiles;
using Ark.Aws.Sdk;
using Ark.Core.Problems;

namespace Ark.Aws.Credentials;

/// <summary>
/// Runs a <c>credential_process</c>: no shell, no input, ten seconds, 64 KiB of output. What it writes to stderr is thrown away,
/// because some programs write keys there.
/// </summary>
/// <param name="time">The clock of the limit and of expiry.</param>
/// <param name="files">The files of the identity; the program gets them in the variables that AWS's tools read.</param>
internal sealed class CredentialProgram(TimeProvider time, ProfileFiles files)
{
    public const int MaxOutput = 64 * 1024;
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public async Task<Outcome<AwsKeys>> RunAsync(CredentialRecipe.Program program, CancellationToken cancellationToken)
    {
        string[] words = CommandLine.Split(program.CommandLine, OperatingSystem.IsWindows());
        if (words is not [var executable, .. var arguments])
        {
            return Failed(program, ProblemKind.BadConfiguration, "is empty or has an open quote", "correct the line");
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

        byte[] output = GC.AllocateUninitializedArray<byte>(MaxOutput + 1, pinned: true);
        try
        {
            process.StandardInput.Close();
            _ = DiscardAsync(process.StandardError.BaseStream, finished.Token);
            Stream printed = process.StandardOutput.BaseStream;
            ValueTask<int> reading = printed.ReadAtLeastAsync(output, output.Length, throwOnEndOfStream: false, either.Token);
            int length = await reading.AsTask().WaitAsync(either.Token);
            if (length > MaxOutput)
            {
                return Failed(program, ProblemKind.BadAnswer, "printed more than 64 KiB", "run it by hand and look at its output");
            }

            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0
                ? Read(program, output.AsMemory(0, length))
                : Failed(
                    program,
                    ProblemKind.NoCredentials,
                    $"ended with exit code {process.ExitCode}",
                    "run it by hand and look at what it says");
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
            Array.Clear(output);
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

    private Outcome<AwsKeys> Read(CredentialRecipe.Program program, ReadOnlyMemory<byte> output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("Version", out JsonElement version) ||
                version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number != 1 ||
                AwsKeys.From(root.Text("AccessKeyId"), root.Text("SecretAccessKey"), root.Text("SessionToken")) is not { } keys)
            {
                return Failed(
                    program,
                    ProblemKind.BadAnswer,
                    "printed JSON that is not version 1 of AWS's format",
                    "it must print Version, AccessKeyId and SecretAccessKey");
            }

            if (root.Instant("Expiration") is { } expiration && expiration <= time.GetUtcNow())
            {
                return Failed(
                    program,
                    ProblemKind.CredentialsRejected,
                    $"printed credentials that expired at {expiration:u}",
                    "renew its login, or check the clock");
            }

            return keys;
        }
        catch (JsonException)
        {
            return Failed(program, ProblemKind.BadAnswer, "printed something that is not JSON", "run it by hand and look at its output");
        }
    }

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

    private static Problem Failed(CredentialRecipe.Program program, ProblemKind kind, string reason, string hint) =>
        new(kind, $"the credential_process of profile '{program.Profile}' {reason}", hint);
}
