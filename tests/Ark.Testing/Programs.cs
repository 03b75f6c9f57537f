using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Ark.Testing;

/// <summary>Runs programs with exactly the bytes and environment that a test gives, and knows where ours were published.</summary>
public static class Programs
{
    /// <summary>A guard against a run that never ends; no test asserts on it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The helper, as published.</summary>
    public static string Helper => Published("docker-credential-ark");

    /// <summary>The daemon, as published.</summary>
    public static string Daemon => Published("arkd");

    /// <summary>The command for people, as published.</summary>
    public static string Ark => Published("ark");

    /// <summary><c>ARK_PUBLISH_DIR</c>, else <c>artifacts/publish/&lt;rid&gt;</c> of this repository. It need not exist.</summary>
    public static string PublishDirectory { get; } =
        Environment.GetEnvironmentVariable("ARK_PUBLISH_DIR") is { Length: > 0 } directory
            ? directory
            : Path.Combine(RepositoryRoot(), "artifacts", "publish", Platform);

    /// <summary>Runs a program to its end. Standard input is exactly <paramref name="input"/>.</summary>
    /// <param name="program">A path, or a name that is looked up in the PATH of <paramref name="environment"/>.</param>
    /// <param name="arguments">Each as it is; no shell sees them.</param>
    /// <param name="environment">All of it: nothing is inherited.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="directory">Working directory; that of the caller when null.</param>
    /// <param name="keepInputOpen">Leaves standard input open until the program has ended, as some clients do.</param>
    /// <param name="cancellation">Kills the program.</param>
    /// <exception cref="TimeoutException">It, or whatever holds its output open, was there for a minute. It was killed.</exception>
    public static async Task<ProgramResult> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        ReadOnlyMemory<byte> input = default,
        string? directory = null,
        bool keepInputOpen = false,
        CancellationToken cancellation = default)
    {
        using var process = new Process { StartInfo = Describe(program, arguments, environment, directory) };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        process.Start();
        var output = new Capture(process.StandardOutput.BaseStream);
        var error = new Capture(process.StandardError.BaseStream);
        try
        {
            await FeedAsync(process, input, keepInputOpen, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ProgramResult(process.ExitCode, await output.AllAsync(limit.Token), await error.AllAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{program} {string.Join(' ', arguments)}: not at its end after {Limit}.\nstdout: {output}\nstderr: {error}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Where a name is found on that PATH, or null.</summary>
    public static string? Find(string name, string path) =>
        path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name + (OperatingSystem.IsWindows() ? ".exe" : "")))
            .FirstOrDefault(File.Exists);

    private static string Published(string name) => Path.Combine(PublishDirectory, name + (OperatingSystem.IsWindows() ? ".exe" : ""));

    /// <summary>Put together by hand, since a .NET built by a distribution calls its platform by the distribution's name.</summary>
    private static string Platform =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")
        + "-" + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "CredHelper.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new DirectoryNotFoundException($"no CredHelper.sln above {AppContext.BaseDirectory}");
    }

    private static ProcessStartInfo Describe(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string? directory)
    {
        var path = environment.GetValueOrDefault("PATH", "");
        var info = new ProcessStartInfo(Path.IsPathRooted(program) ? program : Find(program, path) ?? program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
            UseShellExecute = false,
        };
        info.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> input, bool keepOpen, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancellation);
            await process.StandardInput.BaseStream.FlushAsync(cancellation);
            if (!keepOpen)
            {
                process.StandardInput.Close();
            }
        }
        catch (IOException)
        {
            // The program ended without reading its input, which it may.
        }
    }

    /// <summary>Reads a stream to its end; what came so far can be looked at when the end does not come.</summary>
    private sealed class Capture
    {
        private readonly List<byte> _bytes = [];
        private readonly Task _reading;

        public Capture(Stream stream) => _reading = ReadAsync(stream);

        public async Task<byte[]> AllAsync(CancellationToken cancellation)
        {
            await _reading.WaitAsync(cancellation);
            return [.. _bytes];
        }

        public override string ToString()
        {
            lock (_bytes)
            {
                return Encoding.UTF8.GetString([.. _bytes]);
            }
        }

        private async Task ReadAsync(Stream stream)
        {
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer) is > 0 and var count)
            {
                lock (_bytes)
                {
                    _bytes.AddRange(buffer.AsSpan(0, count));
                }
            }
        }
    }
}
