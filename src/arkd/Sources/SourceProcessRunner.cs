using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Processes;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>
/// Runs the programs that the configuration names as the caller would: in the caller's home and with the caller's stores, but with nothing
/// of anybody's AWS identity. Never our own helper, which would ask us again.
/// </summary>
[SuppressMessage(
    "Design",
    "CA1001:Types that own disposable fields should be disposable",
    Justification = "The semaphore lives as long as the daemon and has no handle, as nobody asks it for one.")]
internal sealed class SourceProcessRunner(TimeProvider time, ProgramSearch search, string ownDirectory, IReadOnlyList<string> usualPlaces)
{
    /// <summary>A second less than the cache gives a fetch, so that the reason is told by who knows it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(19);

    /// <summary>
    /// So many run at once, whoever asked for them: a program that leads back to us would otherwise start others without end.
    /// </summary>
    public const int AtOnce = 32;

    private const int ErrorsKept = 4 * 1024;

    /// <summary>Where helpers are on most machines, whatever PATH the daemon was started with.</summary>
    public static IReadOnlyList<string> UsualPlaces { get; } = ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"];

    private readonly ProgramRunner _runner = new(time);
    private readonly OwnHelper _ownHelper = new(ownDirectory);
    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <summary>How it ended, whatever its exit code, or why it did not end by itself.</summary>
    /// <param name="program">An absolute path, or a bare name, which is looked up on the daemon's PATH and in the usual places.</param>
    /// <param name="arguments">Each as it is.</param>
    /// <param name="input">All that it reads on standard input.</param>
    /// <param name="context">Where the caller's files and stores are.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    public async Task<Outcome<ProgramEnd.Ended>> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        ReadOnlyMemory<byte> input,
        CallerContext context,
        CancellationToken cancellationToken)
    {
        string name = TextSanitizer.Name(program);
        string[] own = context.Home is { } home ? [Path.Combine(home, ".local", "bin")] : [];
        string[] places = [ownDirectory, .. usualPlaces, .. own];
        if (search.Find(program, places) is not { } executable)
        {
            return new Problem(
                ProblemKind.BadSetting,
                $"the program {name} is not on the daemon's PATH",
                "install it, or write its full path into the configuration");
        }

        if (_ownHelper.Is(executable))
        {
            return new Problem(
                ProblemKind.BadSetting,
                $"the program {name} is ark itself, which would ask itself for ever",
                "name another credential helper in the configuration");
        }

        var call = new ProgramCall
        {
            Executable = executable,
            Arguments = arguments,
            Environment = Environment(context),
            WorkingDirectory = context.WorkingDirectory ?? ProgramCall.SafeDirectory,
            Input = input,
            Limit = Limit,
            ErrorsKept = ErrorsKept,
            KeepsOutputOfFailure = true,
        };
        return await RunInTurnAsync(call, cancellationToken) switch
        {
            null => new Problem(
                ProblemKind.Unreachable,
                $"too many programs are running, so that the program {name} had no turn within {Limit.TotalSeconds:0} seconds",
                "look at what they wait for, and try again"),
            ProgramEnd.Ended ended => ended,
            ProgramEnd.TimedOut => new Problem(
                ProblemKind.Unreachable,
                $"the program {name} did not end within {Limit.TotalSeconds:0} seconds",
                "run it by hand; it may be waiting for a passphrase"),
            ProgramEnd.TooLong => new Problem(
                ProblemKind.BadAnswer, $"the program {name} printed more than 64 KiB", "run it by hand and look at its output"),
            ProgramEnd.NotStarted => new Problem(
                ProblemKind.BadSetting,
                $"the program {name} cannot be started",
                "name a program in the configuration that you may execute"),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>Null when others ran for as long as it has. The time that it waited for them is part of its own.</summary>
    private async Task<ProgramEnd?> RunInTurnAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        long asked = time.GetTimestamp();
        if (!await TakeTurnAsync(call.Limit, cancellationToken))
        {
            return null;
        }

        try
        {
            TimeSpan left = call.Limit - time.GetElapsedTime(asked);
            return left > TimeSpan.Zero ? await _runner.RunAsync(call with { Limit = left }, cancellationToken) : null;
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task<bool> TakeTurnAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _turns.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static Dictionary<string, string?> Environment(CallerContext context)
    {
        Dictionary<string, string?> environment = OwnEnvironment.Without("AWS_");
        foreach ((string name, string? value) in context.Variables)
        {
            environment[name] = value;
        }

        environment[IdentityVariables.Loop] = "1";
        return environment;
    }
}

/// <summary>Knows our own helper, whatever it is called: it would only ask us again.</summary>
/// <param name="directory">Where the daemon is, and the helper beside it.</param>
internal sealed class OwnHelper(string directory)
{
    private const string Name = "docker-credential-ark";

    private readonly string _path = Path.Combine(directory, OperatingSystem.IsWindows() ? $"{Name}.exe" : Name);

    /// <summary>Whether the program is called like our helper, or is that very file at the end of any links.</summary>
    public bool Is(string executable)
    {
        string target = Final(executable);
        return IsNamedSo(executable) || IsNamedSo(target) || IsSameFile(target, Final(_path));
    }

    private static bool IsNamedSo(string program) => Path.GetFileName(program).StartsWith(Name, StringComparison.OrdinalIgnoreCase);

    private static bool IsSameFile(string one, string other) =>
        OperatingSystem.IsWindows()
            ? one.Equals(other, StringComparison.OrdinalIgnoreCase)
            : FileIdentity.OfPath(one) is { } file && FileIdentity.OfPath(other) is { } ours
                && (file.Device, file.Inode) == (ours.Device, ours.Inode);

    private static string Final(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be looked at cannot be run either.
            return path;
        }
    }
}
