using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Processes;

namespace Ark.Aws.Credentials;

/// <summary>
/// Runs a <c>credential_process</c>: no shell, no input, ten seconds, 64 KiB of output. When it fails, the last line that it wrote to
/// stderr is shown, as AWS tells such programs to explain themselves there, without whatever looks like a key; the rest is thrown away.
/// </summary>
/// <param name="time">The clock of the limit and of expiry.</param>
/// <param name="search">Where programs are.</param>
/// <param name="files">The files of the identity; the program gets them in the variables that AWS's tools read.</param>
/// <param name="context">Where it runs, and with which variables.</param>
/// <param name="region">The region of whoever asks.</param>
internal sealed class CredentialProgram(TimeProvider time, ProgramSearch search, ProfileFiles files, CallerContext context, string region)
{
    // More than a stack trace of Python has, whose last line is the one that says what is wrong.
    private const int ErrorsKept = 8 * 1024;

    private const int LooksRandom = 20;

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public async Task<Outcome<AwsKeys>> RunAsync(CredentialProvider.Program program, CancellationToken cancellationToken)
    {
        string[] words =
            [.. CommandLine.Split(program.CommandLine, OperatingSystem.IsWindows()).Select(word => CommandLine.InHome(word, context.Home))];
        if (words is not [var name, .. var arguments])
        {
            return Failed(program, ProblemKind.BadSetting, "is empty or has an open quote", "correct the line");
        }

        if (search.Find(name) is not { } executable)
        {
            return Failed(
                program,
                ProblemKind.BadSetting,
                "names a program that is not on the daemon's PATH",
                "write the program's full path in the profile");
        }

        var call = new ProgramCall
        {
            Executable = executable,
            Arguments = arguments,
            Environment = Environment(program.Profile),
            WorkingDirectory = context.WorkingDirectory ?? ProgramCall.SafeDirectory,
            Limit = Limit,
            ErrorsKept = ErrorsKept,
        };
        ProgramEnd end = await new ProgramRunner(time).RunAsync(call, cancellationToken);
        using var ended = end as ProgramEnd.Ended;
        return end switch
        {
            ProgramEnd.Ended { ExitCode: 0 } => Read(program, ended!.Output),
            ProgramEnd.Ended { ExitCode: var code } => Failed(
                program,
                ProblemKind.NoCredentials,
                $"ended with exit code {code}{LastLine(ended!.Errors.Span)}",
                "run it by hand and look at what it says"),
            ProgramEnd.TooLong => Failed(
                program, ProblemKind.BadAnswer, "printed more than 64 KiB", "run it by hand and look at its output"),
            ProgramEnd.TimedOut => Failed(
                program, ProblemKind.NoCredentials, "did not end within ten seconds", "run it by hand; it must not wait for anybody"),
            ProgramEnd.NotStarted => Failed(
                program,
                ProblemKind.BadSetting,
                "cannot be started",
                "let the line begin with the whole path of a program that you may execute"),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>
    /// What it said last, as the end of a sentence. Nothing where it said nothing, or more than was kept: then the last line may be a part
    /// of one, and of a key.
    /// </summary>
    private static string LastLine(ReadOnlySpan<byte> errors)
    {
        ReadOnlySpan<byte> text = errors.TrimEnd("\r\n\t "u8);
        ReadOnlySpan<byte> line = text[(text.LastIndexOfAny((byte)'\n', (byte)'\r') + 1)..];
        string shown = errors.Length == ErrorsKept ? "" : AwsMessage.Clean(HideRandom(Encoding.UTF8.GetString(line)));
        return shown.Length == 0 ? "" : $": {shown}";
    }

    /// <summary>Hides long words of digits, lower and upper case: such programs have tokens of other makers at hand.</summary>
    private static string HideRandom(string line)
    {
        var shown = new StringBuilder(line.Length);
        for (int i = 0; i < line.Length;)
        {
            int end = i;
            while (end < line.Length && (char.IsAsciiLetterOrDigit(line[end]) || line[end] is '-' or '_' or '+' or '='))
            {
                end++;
            }

            string word = line[i..Math.Max(end, i + 1)];
            bool isRandom = word.Length >= LooksRandom && word.Any(char.IsAsciiDigit) && word.Any(char.IsAsciiLetterLower) &&
                word.Any(char.IsAsciiLetterUpper);
            shown.Append(isRandom ? "…" : word);
            i += word.Length;
        }

        return shown.ToString();
    }

    private Dictionary<string, string?> Environment(string profile)
    {
        // The daemon may have been started by a call with another identity: nothing of that one may decide here.
        Dictionary<string, string?> environment = OwnEnvironment.Without("AWS_");
        foreach ((string name, string? value) in context.Variables)
        {
            environment[name] = value;
        }

        environment["AWS_PROFILE"] = profile;
        environment["AWS_REGION"] = region;
        environment["AWS_CONFIG_FILE"] = files.Config;
        environment["AWS_SHARED_CREDENTIALS_FILE"] = files.Credentials;
        return environment;
    }

    private Outcome<AwsKeys> Read(CredentialProvider.Program program, ReadOnlyMemory<byte> output) =>
        CredentialDocument.Read(output, time.GetUtcNow()) switch
        {
            CredentialDocument.Good good => good.Keys,
            CredentialDocument.OtherFormat => Failed(
                program,
                ProblemKind.BadAnswer,
                "printed JSON that is not version 1 of AWS's format",
                "it must print Version, AccessKeyId and SecretAccessKey"),
            CredentialDocument.Expired(var at) => Failed(
                program,
                ProblemKind.CredentialsRejected,
                $"printed credentials that expired at {at:u}",
                "renew its login, or check the clock"),
            _ => Failed(program, ProblemKind.BadAnswer, "printed something that is not JSON", "run it by hand and look at its output"),
        };

    private static Problem Failed(CredentialProvider.Program program, ProblemKind kind, string reason, string hint) =>
        new(
            kind,
            $"the credential_process of profile '{program.Profile}' {reason}",
            IsForShell(program.CommandLine) ? "ark runs no shell: write it as /bin/sh -c 'the whole line'" : hint);

    /// <summary>AWS's own tools leave the line to a shell, so that there are pipelines, lists and the like.</summary>
    private static bool IsForShell(string line) => CommandLine.Split(line, OperatingSystem.IsWindows()).Any(word =>
        word is "|" or "||" or "&" or "&&" or ">" or "<" || word.EndsWith(';') || word.StartsWith('`') ||
        word.StartsWith("$(", StringComparison.Ordinal));
}

/// <summary>Splits a <c>credential_process</c> line into words, as AWS's tools do; no shell ever sees it.</summary>
internal static class CommandLine
{
    /// <summary>The words; empty when a quote is not closed, or when there is nothing.</summary>
    /// <param name="line">The line as the profile has it.</param>
    /// <param name="windows">Windows keeps backslashes, which are in every path there, and knows only double quotes.</param>
    public static string[] Split(string line, bool windows)
    {
        List<string> words = [];
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (Escapes(line, i, quote, windows))
            {
                word.Append(line[++i]);
                inWord = true;
            }
            else if (quote != '\0')
            {
                if (c == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(c);
                }
            }
            else if (c == '"' || (c == '\'' && !windows))
            {
                quote = c;
                inWord = true;
            }
            else if (!char.IsWhiteSpace(c))
            {
                word.Append(c);
                inWord = true;
            }
            else if (inWord)
            {
                words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }

        if (quote != '\0')
        {
            return [];
        }

        return inWord ? [.. words, word.ToString()] : [.. words];
    }

    /// <summary>
    /// The word with the home in place of <c>~/</c>, <c>$HOME/</c> or <c>${HOME}/</c> at its start, or behind the first <c>=</c> of an
    /// option: the SDK for Go runs these lines in a shell, so people write them. Nothing else of a shell is imitated.
    /// </summary>
    public static string InHome(string word, string? home)
    {
        int start = word.StartsWith('-') ? word.IndexOf('=') + 1 : 0;
        foreach (string name in (string[])["~/", "$HOME/", "${HOME}/"])
        {
            if (home is not null && word.AsSpan(start).StartsWith(name, StringComparison.Ordinal))
            {
                return $"{word[..start]}{Path.TrimEndingDirectorySeparator(home)}/{word[(start + name.Length)..]}";
            }
        }

        return word;
    }

    private static bool Escapes(string line, int i, char quote, bool windows)
    {
        if (line[i] != '\\' || i + 1 == line.Length || quote == '\'')
        {
            return false;
        }

        return windows ? line[i + 1] == '"' : quote == '\0' || line[i + 1] is '"' or '\\';
    }
}

/// <summary>The JSON in which AWS's tools hand credentials to each other, or what is wrong with it.</summary>
internal abstract record CredentialDocument
{
    private CredentialDocument()
    {
    }

    public sealed record Good(AwsKeys Keys) : CredentialDocument;

    public sealed record NotJson : CredentialDocument;

    /// <summary>JSON, but not version 1 of the format, or without keys.</summary>
    public sealed record OtherFormat : CredentialDocument;

    public sealed record Expired(DateTimeOffset At) : CredentialDocument;

    public static CredentialDocument Read(ReadOnlyMemory<byte> json, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("Version", out JsonElement version) ||
                version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number != 1 ||
                AwsKeys.From(root.Text("AccessKeyId"), root.Secret("SecretAccessKey"), root.Secret("SessionToken")) is not { } keys)
            {
                return new OtherFormat();
            }

            if (root.Instant("Expiration") is { } expiration && expiration <= now)
            {
                keys.Dispose();
                return new Expired(expiration);
            }

            return new Good(keys);
        }
        catch (JsonException)
        {
            return new NotJson();
        }
    }
}
